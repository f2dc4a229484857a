// The text of a file of the page's own site, or null: not there, too long, too slow. Packed files are unpacked.
async ({ url, bytes_max, limit_ms }) => {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(), limit_ms);
  /** All bytes of a stream; null as soon as they are too many. */
  const all = async (stream) => {
    const reader = stream.getReader();
    const parts = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Blob(parts);
      length += value.length;
      if (length > bytes_max) {
        await reader.cancel();
        return null;
      }
      parts.push(value);
    }
  };
  try {
    const answer = await fetch(url, { credentials: "omit", signal: end.signal });
    if (!answer.ok || !answer.body) return null;
    let file = await all(answer.body);
    if (!file) return null;
    const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
    if (head[0] === 0x1f && head[1] === 0x8b) {
      file = await all(file.stream().pipeThrough(new DecompressionStream("gzip")));
    }
    return file ? await file.text() : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
};

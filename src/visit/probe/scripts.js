// What the page's scripts could do: whether any script could open a hidden block, and what the readable
// ones say about it. Scripts that only measure visits open nothing.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const executable = lib.pattern(
    String.raw`
        ^(|module|(text|application)\/(x-)?(javascript|ecmascript)|text\/(jscript|livescript|
        javascript1\.[0-5]))$`,
    "i",
  );
  /** Whether the browser runs a script element of this kind. */
  lib.runs = (script) => {
    const type = dom.attr(script, "type");
    const language = dom.attr(script, "language");
    if (dom.hasAttr(script, "type")) {
      if (type !== "" && type.trim() === "") return false;
      if (!executable.test(type.trim())) return false;
    } else if (language && !executable.test(`text/${language}`)) return false;
    return !(dom.hasAttr(script, "nomodule") && type.trim().toLowerCase() !== "module");
  };
  const measuring = lib.pattern(
    String.raw`
        googletagmanager|google-analytics|gtag\/js|analytics|connect\.facebook\.net|platform\.twitter|
        sp\.zalo\.me|recaptcha|hotjar|clarity\.ms|matomo|piwik|statcounter|histats|cloudflareinsights|
        vdrs|tawk\.to`,
    "i",
  );
  const acting = lib.pattern(String.raw`
        addEventListener|\.on\w*\s*=|on\(|\.click\(|\.hover\(|\.style\b|classList|className|\.toggle|
        \.show\(|slideDown|slideToggle|fadeIn|jQuery|\$\(|setAttribute|innerHTML|createElement|
        appendChild|removeAttribute|hidden\s*=`);

  /** Scripts of the page that could act on it: number of external ones, text of the inline ones. */
  lib.scripts = (cx, emc) => {
    if (cx.scripts) return cx.scripts;
    const hosts = ((emc && emc.hosts) || []).map((host) => host.toLowerCase());
    const queue = (emc && emc.queue) || "_govaq";
    const facts = { external: 0, texts: [] };
    let room = 600000;
    for (const script of dom.everywhere(cx, "script", 2000)) {
      if (!lib.runs(script)) continue;
      const src = dom.attr(script, "src");
      if (src) {
        const lower = src.toLowerCase();
        if (!hosts.some((host) => lower.includes(host)) && !measuring.test(lower)) facts.external += 1;
        continue;
      }
      const text = dom.textContent(script).slice(0, 200000);
      const tracker = text.includes(queue) && !/\$\(|jQuery|classList|\.style\b|querySelector/.test(text);
      if (tracker || !acting.test(text) || room <= 0) continue;
      facts.texts.push(text.slice(0, room));
      room -= text.length;
    }
    cx.scripts = facts;
    return facts;
  };
  lib.canAct = (cx) => {
    const facts = cx.scripts;
    return Boolean(facts && (facts.external > 0 || facts.texts.length > 0));
  };

  /** Short quoted words of the inline scripts: classes that they may add; null where there are none. */
  lib.scriptWords = (cx) => {
    if (!cx.scripts || !cx.scripts.texts.length) return null;
    const words = new Set();
    for (const text of cx.scripts.texts) {
      for (const found of text.matchAll(
        /(?:toggle|add|toggleClass|addClass|className|class)\b[^"'`;]{0,12}["'`]([\w-]{2,40})["'`]/g,
      )) {
        if (words.size < 300) words.add(found[1]);
      }
    }
    return words.size ? words : null;
  };
  /** The control by which an inline script adds a class: an element it names, drawn and outside the block. */
  lib.classAdder = (cx, word, block) => {
    if (!word || !cx.scripts) return null;
    const quoted = new RegExp(`["'\`\\s]${escaped(word)}["'\`\\s]`);
    for (const text of cx.scripts.texts) {
      if (!quoted.test(text) || !shows.test(text)) continue;
      const control = actorsIn(cx, text, block)[0];
      if (control && (happens.test(text) || handled.some((name) => dom.hasAttr(control, name))))
        return control;
    }
    return null;
  };

  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const generic = lib.pattern(
    String.raw`
        ^(active|show|open|in|on|hidden|hide|none|d-none|clearfix|row|col.*|container|content|menu|nav|
        list|item|box|block|left|right|fade|ul|li|first|last|main|wrap|wrapper)$`,
    "i",
  );
  /** The id and the telling classes of a block, as texts to look for in scripts. */
  const handles = (el) => {
    const found = [];
    const id = dom.attr(el, "id");
    if (id) found.push({ word: id, pattern: new RegExp(`["'\`#]${escaped(id)}(?![\\w-])`) });
    for (const name of dom.attr(el, "class").split(/\s+/).slice(0, 12)) {
      if (name.length < 2 || generic.test(name)) continue;
      found.push({ word: name, pattern: new RegExp(`["'\`.]${escaped(name)}(?![\\w-])`) });
    }
    return found;
  };
  const shows = lib.pattern(
    String.raw`
        \.(show|toggle|slideToggle|slideDown|fadeIn|fadeToggle|toggleClass|addClass|removeClass|modal|
        dropdown|collapse|tab|open|showModal|showPopover|togglePopover|removeAttribute|css|
        animate)\s*\(|classList|className|display\s*=[^;]*?(block|flex|grid|inline|''|""|list-item|
        table|\?)|visibility\s*=\s*["'\x60]visible|hidden\s*=\s*(false|!)|open\s*=\s*true|
        style\.(height|maxHeight|opacity|left|right|top|transform)\s*=|(\b|_)(toggle|show|open|mo|hien|bat|
        expand|dropdown)\w*\s*\(`,
    "i",
  );
  const hides = lib.pattern(
    String.raw`
        display\s*=\s*["'\x60]none|\.hide\s*\(|\.remove\s*\(|visibility\s*=\s*["'\x60]hidden|
        hidden\s*=\s*true|["']display["']\s*,\s*["']none`,
    "i",
  );
  const happens = /click|mouse(over|enter|down)|hover|touch|pointer|focus|keydown|change/i;
  lib.showsIn = (code) => shows.test(code) || !hides.test(code);

  /** Whether code names the block and might show it: `shows`, `names`, or null. */
  lib.codeOn = (code, el) => {
    for (const handle of handles(el)) {
      if (!handle.pattern.test(code)) continue;
      if (shows.test(code)) return "shows";
      if (!hides.test(code)) return "names";
    }
    return null;
  };

  /** Elements that a script names and that a visitor sees; found once per script. */
  const namedBy = (cx, text) => {
    const known = (cx.namedBy = cx.namedBy || new Map());
    if (known.has(text)) return known.get(text);
    const selectors = new Set();
    for (const found of text.matchAll(/getElementById\(\s*["'`]([\w-]{1,60})["'`]/g))
      selectors.add(`#${CSS.escape(found[1])}`);
    for (const found of text.matchAll(/getElementsByClassName\(\s*["'`]([\w-]{1,60})["'`]/g))
      selectors.add(`.${CSS.escape(found[1])}`);
    for (const pattern of [
      /(?:querySelector(?:All)?|closest|matches|\$|jQuery)\(\s*(["'`])([^"'`]{1,120})\1/g,
      // jQuery's delegation: on("click", ".selector", …)
      /\.on\(\s*["'`]\w+["'`]\s*,\s*(["'`])([^"'`]{1,120})\1/g,
    ])
      for (const found of text.matchAll(pattern)) selectors.add(found[2]);
    for (const found of text.matchAll(
      /function\s+(\w{2,60})\s*\(|(?:const|let|var)\s+(\w{2,60})\s*=\s*(?:function|\()/g,
    )) {
      const name = found[1] || found[2];
      selectors.add(`[onclick*="${name}("],[onmouseover*="${name}("],[onmouseenter*="${name}("]`);
    }
    const elements = new Set();
    for (const selector of [...selectors].slice(0, 60)) {
      for (const el of dom.everywhere(cx, selector.replace(/:(first|last|eq\(\d+\)|visible)\b/g, ""), 60)) {
        if (!/^(html|body|script|style|head)$/.test(dom.tag(el)) && lib.seen(cx, el)) elements.add(el);
      }
    }
    known.set(text, [...elements]);
    return known.get(text);
  };
  const actorsIn = (cx, text, block) => namedBy(cx, text).filter((el) => !dom.holds(block, el));
  const handled = ["onclick", "onmouseover", "onmouseenter", "onmousedown", "onfocus"];
  /** What the inline scripts say of a block: `{shows, control}`, `{names}` or null. */
  lib.scriptOn = (cx, block) => {
    const facts = cx.scripts;
    if (!facts) return null;
    let named = null;
    for (const text of facts.texts) {
      const says = lib.codeOn(text, block);
      if (!says) continue;
      named = named || { names: true };
      if (says !== "shows") continue;
      const control = actorsIn(cx, text, block)[0];
      if (control && (happens.test(text) || handled.some((name) => dom.hasAttr(control, name))))
        return { shows: true, control };
    }
    return named;
  };

  const relational =
    /nextElementSibling|nextSibling|\.next\(|children|(?:first|last)ElementChild|parentNode|parentElement|closest|\.find\(|\.siblings\(/;
  /** Whether code goes from what was pressed to what stands beside it. */
  lib.goesBeside = (code) => relational.test(code);
  /** Controls of inline scripts that show what stands beside them, as `near` says of each. */
  lib.besideControls = (cx, block, near) => {
    const texts = (cx.scripts ? cx.scripts.texts : []).filter(
      (text) => happens.test(text) && shows.test(text) && relational.test(text),
    );
    return texts.flatMap((text) => actorsIn(cx, text, block).filter(near));
  };
  /** Whether a readable script handles menus in general (`$(this).children("ul")`). */
  lib.scriptOnLists = (cx) =>
    Boolean(
      cx.scripts &&
      cx.scripts.texts.some((text) => happens.test(text) && /["'`>\s](ul|li|dl|nav)\b/.test(text)),
    );
})(globalThis);

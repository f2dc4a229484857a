// Reads EMC's queue of commands in the page's own world. Not part of the joined source: this file is one
// function expression, called as `(…)("_govaq")`, and gives back QueueFacts as JSON text, or "null".
//
// The page may have replaced every function there is and put traps on what it holds. So nothing is called
// here: only literals, indexing, operators and `typeof`, with every length bounded.
(function (queueName) {
  "use strict";
  const hex = "0123456789abcdef";
  const safe = " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  const isSafe = { __proto__: null };
  for (let at = 0; at < safe.length; at += 1) isSafe[safe[at]] = true;

  // JSON text of a string, cut to a number of units; controls become blanks, lone surrogates "?".
  const quote = (text, max) => {
    let out = '"';
    const end = text.length < max ? text.length : max;
    for (let at = 0; at < end; at += 1) {
      const c = text[at];
      if (isSafe[c] === true) out += c;
      else if (c === '"' || c === "\\") out += "\\" + c;
      else if (c < " " || c === "\x7f" || c === "\u2028" || c === "\u2029") out += " ";
      else if (c >= "\ud800" && c <= "\udbff") {
        const low = at + 1 < end ? text[at + 1] : "";
        if (low >= "\udc00" && low <= "\udfff") {
          out += c + low;
          at += 1;
        } else out += "?";
      } else if (c >= "\udc00" && c <= "\udfff") out += "?";
      else out += c;
    }
    return out + '"';
  };
  // A value as JSON text; what is not plain is named by its type.
  const value = (given, depth) => {
    const type = typeof given;
    if (type === "string") return quote(given, 300);
    if (type === "number") {
      const finite = given === given && given !== Infinity && given !== -Infinity;
      return finite ? "" + given : '"' + given + '"';
    }
    if (type === "boolean" || given === null) return "" + given;
    if (type !== "object") return '"[' + type + ']"';
    const length = given.length;
    if (typeof length !== "number" || depth > 2) return '"[object]"';
    let out = "[";
    for (let at = 0; at < length && at < 12; at += 1) out += (at ? "," : "") + value(given[at], depth + 1);
    return out + "]";
  };
  const asText = (given) => {
    const type = typeof given;
    if (type === "string") return given;
    if (type === "number" || type === "boolean") return "" + given;
    if (given === null || type === "undefined") return "";
    return "[" + type + "]";
  };

  let commands = "";
  let ids = "";
  let urls = "";
  let count = 0;
  const one = (command) => {
    const shown = value(command, 0);
    commands += (commands === "" ? "" : ",") + quote(shown, 500);
    if (command === null || typeof command !== "object") return;
    const name = command[0];
    if (name === "setSiteId") ids += (ids === "" ? "" : ",") + quote(asText(command[1]), 100);
    if (name === "setTrackerUrl") urls += (urls === "" ? "" : ",") + quote(asText(command[1]), 500);
    if (name === "addTracker") {
      urls += (urls === "" ? "" : ",") + quote(asText(command[1]), 500);
      ids += (ids === "" ? "" : ",") + quote(asText(command[2]), 100);
    }
  };
  let isArray = false;
  try {
    const queue = window[queueName];
    if ((typeof queue !== "object" && typeof queue !== "function") || queue === null) return "null";
    // The element of that name that a page's markup makes global is no queue.
    if (typeof queue.nodeType === "number" && typeof queue.push === "undefined") return "null";
    const length = queue.length;
    isArray = typeof queue === "object" && typeof length === "number" && queue.push === [].push;
    if (typeof queue === "object" && typeof length === "number") {
      for (let at = 0; at < length && count < 50; at += 1, count += 1) {
        try {
          one(queue[at]);
        } catch {
          commands += (commands === "" ? "" : ",") + '"[unreadable]"';
        }
      }
    }
  } catch {
    isArray = false;
  }
  const lists = '"commands":[' + commands + '],"site_ids":[' + ids + '],"tracker_urls":[' + urls + "]";
  return '{"is_array":' + isArray + "," + lists + "}";
})

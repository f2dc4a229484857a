"use strict";
// Everything that comes from audited sites is put in as text, never as markup.
const at = (id) => document.getElementById(id);
const state = { words: {}, session: {}, run: null, entries: [], why: "", shown: 0, events: null, job: null, list: null, noted: "", last: null };

const ask = async (method, path, body) => {
  const headers = {};
  if (method === "POST") {
    headers["Content-Type"] = "application/json";
    if (state.session.token) headers["X-Emc-Audit-Token"] = state.session.token;
  }
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    if (answer.status === 401 && path !== "/api/v1/login") showLogin();
    const language = state.words.language;
    throw new Error((value.message && value.message[language]) || state.words.page.broken);
  }
  return value;
};
const say = (text) => { at("message").textContent = text; };
const tried = (work) => (...given) => work(...given).catch((cause) => say(cause.message));
const option = (value, text) => {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = text;
  return made;
};

const text = (tag, said, className) => {
  const made = document.createElement(tag);
  made.textContent = said;
  if (className) made.className = className;
  return made;
};
const time = (at) => {
  const when = new Date(at);
  return Number.isNaN(when.getTime()) ? at : when.toLocaleString(state.words.language === "vi" ? "vi-VN" : "en-GB", { timeZone: "Asia/Ho_Chi_Minh", dateStyle: "short", timeStyle: "short" });
};
const mayReview = () => state.session.role !== "view";
const mayRun = () => state.session.role === "run";

const showLogin = () => {
  at("login").hidden = false;
  hush();
  state.session = {};
  for (const part of ["work", "lists", "nav", "account", "job"]) at(part).hidden = true;
  at("login-name").focus();
};
const show = (view) => {
  for (const name of ["work", "lists"]) {
    at(name).hidden = name !== view;
    if (name === view) at("to-" + name).setAttribute("aria-current", "page");
    else at("to-" + name).removeAttribute("aria-current");
  }
};
const wanted = () => state.entries.filter((entry) => (state.why === "" ? entry.why !== "decided" : entry.why === state.why));
const current = () => wanted()[state.shown];
const alike = (entry) => wanted().filter((other) => other.cause === entry.cause && other.status === entry.status);
const filed = (entry, path) => "/files/" + [entry.run, ...path.split("/")].map(encodeURIComponent).join("/");

const showPictures = (entry) => {
  at("pictures").replaceChildren(...entry.pictures.map((path) => {
    const figure = document.createElement("figure");
    const link = document.createElement("a");
    link.href = filed(entry, path);
    link.target = "_blank";
    const picture = document.createElement("img");
    picture.src = link.href;
    const name = path.split("/").slice(2).join("/");
    picture.alt = entry.site + ": " + name;
    link.append(picture);
    const kind = name.replace(/^visit-\d+\/data\//, "").replace("/", "_").replace(/\..*$/, "");
    const visit = /^visit-(\d+)\//.exec(name);
    const about = [state.words.picture[kind] || name];
    if (visit) about.push(state.words.page.visit + " " + visit[1]);
    figure.append(text("figcaption", about.join(" · ")), link);
    return figure;
  }));
  if (entry.pictures.length === 0) at("pictures").append(text("p", state.words.page.no_picture));
};
const showShared = (entry) => {
  const shared = entry.shared;
  at("shared").hidden = !shared || !mayReview();
  if (!shared) return;
  at("shared-title").textContent = state.words.page.shared_title + " " + shared.emc_site_id;
  at("shared-agencies").replaceChildren(...shared.agencies.map((agency) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.value = agency;
    label.append(box, " " + agency);
    return label;
  }));
};
const showPast = async () => {
  const entry = current();
  if (!entry || !at("past").open) return;
  const { decisions } = await ask("GET", "/api/v1/decisions?site=" + encodeURIComponent(entry.site));
  const past = decisions.filter((one) => one.check === entry.check).reverse();
  at("past-list").replaceChildren(...past.map((one) => {
    const said = time(one.at) + " · " + one.reviewer + ": " + state.words.decision[one.decision];
    const about = state.words.page.automatic + ": " + state.words.status[one.status] + " (" + one.code + "), " + one.rules;
    return text("li", [said, one.note, about].filter((line) => line !== "").join("\n"));
  }));
  if (past.length === 0) at("past-list").append(text("li", state.words.page.past_none));
};
const showEntry = () => {
  const all = wanted();
  state.shown = Math.max(0, Math.min(state.shown, all.length - 1));
  const entry = all[state.shown];
  at("left").textContent = state.words.page.left + ": " + all.length;
  at("entry").hidden = !entry;
  if (!entry) { say(state.words.page.empty); return; }
  const language = state.words.language;
  at("site").textContent = entry.site;
  // Where the list names nobody the site stands for itself, and is above already.
  const named = new Set([entry.name, entry.agency]);
  named.delete(entry.site);
  at("agency").textContent = [...named].join(" · ");
  at("check").textContent = entry.check_name[language] || entry.check;
  at("status").textContent = state.words.status[entry.status] + " (" + entry.code + ")";
  at("sentence").textContent = entry.message[language];
  const again = entry.rechecked;
  at("rechecked").textContent = again
    ? state.words.page.rechecked.replace("{at}", time(again.at)).replace("{now}", state.words.status[entry.status]).replace("{was}", state.words.status[again.was_status])
    : "";
  const decided = entry.reviewed;
  at("decided").textContent = decided
    ? state.words.page.decided + ": " + state.words.decision[decided.decision] + " (" + decided.by + ", " + time(decided.at) + ") " + decided.note
    : "";
  // A note that was typed before the session ended is still wanted for the same finding.
  const noted = entry.site + " " + entry.check;
  if (noted !== state.noted) at("note").value = "";
  state.noted = noted;
  at("same").checked = false;
  const count = alike(entry).length;
  at("same-count").textContent = String(count);
  at("same-line").hidden = count < 2;
  document.querySelector("[data-decision=confirm]").disabled = entry.status === "review";
  // Only addresses of the web: a page may say where it ended, not what a click does.
  at("open").hidden = !/^https?:\/\//.test(entry.url);
  at("open").href = at("open").hidden ? "#" : entry.url;
  at("details").href = filed(entry, entry.page);
  showShared(entry);
  showPictures(entry);
  at("past-list").replaceChildren();
  tried(showPast)();
};

const loadQueue = async () => {
  const path = state.run ? "/api/v1/queue?run=" + encodeURIComponent(state.run) : "/api/v1/queue";
  const before = current();
  const told = await ask("GET", path);
  state.run = told.run;
  at("run").value = told.run;
  state.entries = told.entries;
  // Whoever works on a finding stays with it.
  const place = before ? wanted().findIndex((entry) => entry.site === before.site && entry.check === before.check) : -1;
  if (place >= 0) state.shown = place;
  at("report").href = "/files/" + encodeURIComponent(told.run) + "/report/index.html";
  showEntry();
};
const loadRuns = async () => {
  const { runs } = await ask("GET", "/api/v1/runs");
  const named = (run) => time(run.started) + " · " + state.words.page["kind_" + run.kind] + " (" + run.counts.sites + ")";
  at("run").replaceChildren(...runs.map((run) => option(run.run, named(run))));
  return runs.length;
};
const openRun = async (run) => {
  state.run = run;
  state.shown = 0;
  state.entries = [];
  say("");
  show("work");
  await loadRuns();
  await loadQueue();
};

const decide = async (decision) => {
  const entry = current();
  if (!entry || !mayReview()) return;
  if (decision === "confirm" && entry.status === "review") { say(state.words.page.bad_decision); return; }
  const chosen = at("same").checked ? alike(entry) : [entry];
  await ask("POST", "/api/v1/decisions", {
    decision,
    note: at("note").value,
    reviewer: at("reviewer").value,
    run: state.run,
    findings: chosen.map(({ site, check, fingerprint }) => ({ site, check, fingerprint })),
  });
  localStorage.setItem("reviewer", at("reviewer").value);
  state.noted = "";
  state.last = entry;
  // What stays in the queue, as a dispute does, moves to another place of it: the one after it is next.
  const after = wanted().slice(state.shown).find((other) => !chosen.includes(other));
  await loadQueue();
  const place = after ? wanted().findIndex((other) => other.site === after.site && other.check === after.check) : -1;
  if (place >= 0 && place !== state.shown) { state.shown = place; showEntry(); }
  say(state.words.page.saved + ": " + state.words.decision[decision] + " (" + chosen.length + ")");
};
const acceptId = async () => {
  const { shared } = current();
  const agencies = [...at("shared-agencies").querySelectorAll("input:checked")].map((box) => box.value);
  if (agencies.length < 2) { say(state.words.page.shared_help); return; }
  await ask("POST", "/api/v1/accepted-ids", { emc_site_id: shared.emc_site_id, agencies, note: at("note").value, reviewer: at("reviewer").value });
  localStorage.setItem("reviewer", at("reviewer").value);
  state.noted = "";
  await loadQueue();
  say(state.words.page.shared_saved + " " + shared.emc_site_id + ": " + agencies.join(", "));
};
const choose = (why) => { state.why = why; at("why").value = why; state.shown = 0; say(""); showEntry(); };
// The finding that was decided last, to be decided anew: nothing is taken back.
const undo = () => {
  const { last } = state;
  if (last === null) return;
  const now = state.entries.find((entry) => entry.site === last.site && entry.check === last.check);
  if (!now) return;
  choose(now.why);
  state.shown = wanted().indexOf(now);
  showEntry();
};
const step = (by) => { state.shown += by; say(""); showEntry(); };

const showJob = (job) => {
  at("job").hidden = job.work === null;
  if (job.work === null) return;
  at("stop").hidden = !job.running || !mayRun();
  const what = job.work.run ? job.work.run.list : job.work.recheck.join(", ");
  const seen = job.of > 0 ? " · " + job.visited + "/" + job.of + " " + state.words.page.seen : "";
  at("job-state").textContent = (job.running ? state.words.page.working : state.words.page.ended) + ": " + what + seen;
  at("job-bar").hidden = !job.running;
  at("job-bar").max = Math.max(1, job.of);
  at("job-bar").value = job.visited;
  at("job-lines").hidden = job.lines.length === 0;
  at("job-lines").textContent = job.lines.join("\n");
  at("job-run").hidden = job.running || job.run === null;
  at("job-run").value = job.run || "";
};
const took = async (job) => {
  const ended = state.job !== null && state.job.running && !job.running;
  state.job = job;
  showJob(job);
  if (!ended) return;
  if (await loadRuns() > 0 && state.run === null) { await openRun(null); return; }
  at("run").value = state.run;
  // What a recheck saw is told beside what the run said.
  if (!at("work").hidden) await loadQueue();
};
const hush = () => {
  if (state.events !== null) state.events.close();
  state.events = null;
};
// The server tells each change of the audit under way, to pages that are seen: a browser has few connections
// to one server. It reconnects by itself; where it was refused the page asks, and listens again later.
const listen = () => {
  if (state.events !== null || document.hidden || !state.session.role) return;
  const events = new EventSource("/api/v1/job/events");
  state.events = events;
  events.addEventListener("message", tried(async (event) => took(JSON.parse(event.data))));
  events.addEventListener("error", tried(async () => {
    if (events.readyState !== EventSource.CLOSED || state.events !== events) return;
    hush();
    await took(await ask("GET", "/api/v1/job"));
    setTimeout(listen, 5000);
  }));
};
const start = async (path, body) => {
  await took(await ask("POST", path, body));
  at("job").scrollIntoView({ block: "nearest" });
  listen();
};

const rowOf = (number, cells) => {
  const row = document.createElement("tr");
  row.append(text("th", String(number)));
  for (const cell of cells) {
    const box = document.createElement("input");
    box.value = cell;
    box.readOnly = !mayRun();
    box.setAttribute("aria-label", String(number));
    const place = document.createElement("td");
    place.append(box);
    row.append(place);
  }
  return row;
};
// Where in the table a problem is: its line, and the column with its heading above.
const markProblem = (problem) => {
  const lines = state.list.rows.map(([line]) => line);
  const row = lines.indexOf(problem.line);
  if (row < 0) return;
  const heading = state.list.rows.slice(0, row).find(([, cells]) => cells.some((cell) => cell.trim() === problem.column));
  const column = heading ? heading[1].findIndex((cell) => cell.trim() === problem.column) : -1;
  const boxes = at("list-table").querySelectorAll("tr")[row].querySelectorAll("input");
  for (const box of column < 0 ? boxes : [boxes[column]].filter(Boolean)) {
    box.className = "bad";
    box.title = problem.text;
  }
};
const showList = (list) => {
  state.list = list;
  at("list").hidden = false;
  at("list-name").textContent = list.name;
  const counts = state.words.page.list_sites + ": " + list.sites + " · " + state.words.page.list_problems + ": " + list.problems.length;
  at("list-state").textContent = list.rows === null ? counts + ". " + state.words.page.list_sheets : counts;
  at("list-run").hidden = !mayRun() || list.problems.length > 0 || list.sites === 0;
  at("list-save").hidden = !mayRun() || list.rows === null;
  at("list-row").hidden = at("list-save").hidden;
  at("list-problems").replaceChildren(...list.problems.map((problem) => text("li", problem.text)), ...list.remarks.map((remark) => text("li", remark)));
  const rows = list.rows || [];
  const width = Math.max(0, ...rows.map(([, cells]) => cells.length));
  const filled = (cells) => cells.concat(Array(width - cells.length).fill(""));
  at("list-table").querySelector("table").replaceChildren(...rows.map(([number, cells]) => rowOf(number, filled(cells))));
  if (list.rows !== null) list.problems.forEach(markProblem);
};
const loadLists = async () => {
  const { lists } = await ask("GET", "/api/v1/lists");
  at("list-names").replaceChildren(...lists.map((list) => {
    const item = document.createElement("li");
    const button = text("button", list.name);
    button.type = "button";
    button.addEventListener("click", tried(async () => { say(""); showList(await ask("GET", "/api/v1/lists/" + encodeURIComponent(list.name))); }));
    item.append(button, " " + state.words.page.list_sites + ": " + list.sites + " · " + state.words.page.list_problems + ": " + list.problems);
    return item;
  }));
  if (lists.length === 0) at("list-names").append(text("li", state.words.page.lists_none));
};
const keepList = async (body) => {
  const list = await ask("POST", "/api/v1/lists", body);
  await loadLists();
  showList(list);
  say(state.words.page.saved + ": " + list.name);
};
const upload = async () => {
  const [file] = at("upload").files;
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let from = 0; from < bytes.length; from += 32768) binary += String.fromCharCode(...bytes.subarray(from, from + 32768));
  at("upload").value = "";
  await keepList({ name: file.name.normalize("NFC"), base64: btoa(binary) });
};
const saveTable = () => {
  const rows = [...at("list-table").querySelectorAll("tr")];
  return keepList({ name: state.list.name, rows: rows.map((row) => [...row.querySelectorAll("input")].map((box) => box.value)) });
};
const addRow = () => {
  const table = at("list-table").querySelector("table");
  const last = table.querySelector("tr:last-child");
  const row = rowOf(Number(last ? last.querySelector("th").textContent : 0) + 1, Array(last ? last.querySelectorAll("input").length : 5).fill(""));
  table.append(row);
  row.querySelector("input").focus();
};

const enter = async () => {
  state.session = await ask("GET", "/api/v1/session");
  if (state.session.role === null) { showLogin(); return; }
  at("login").hidden = true;
  at("nav").hidden = false;
  at("account").hidden = !state.session.accounts;
  at("who").textContent = state.session.name || "";
  at("reviewer-line").hidden = state.session.accounts;
  at("reviewer").value = localStorage.getItem("reviewer") || "";
  at("recheck-now").hidden = !mayRun();
  at("upload-line").hidden = !mayRun();
  at("deciding").hidden = !mayReview();
  at("undo").hidden = !mayReview();
  for (const button of document.querySelectorAll("[data-decision]")) button.hidden = !mayReview();
  await loadLists();
  if (await loadRuns() > 0) {
    show("work");
    await loadQueue();
  } else show("lists");
  listen();
};

const begin = async () => {
  state.words = await (await fetch("/api/v1/words")).json();
  document.documentElement.lang = state.words.language;
  document.title = state.words.page.title;
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = state.words.page[place.dataset.word];
  const reasons = ["disputed", "review", "changed", "not_measured", "fail", "decided"];
  at("why").append(option("", state.words.page.all), ...reasons.map((why) => option(why, state.words.page[why === "decided" ? "was_decided" : why])));
  const on = (id, event, work) => at(id).addEventListener(event, tried(work));
  const sent = (id, work) => at(id).addEventListener("submit", (event) => { event.preventDefault(); tried(work)(); });
  on("why", "change", async () => choose(at("why").value));
  on("undo", "click", async () => undo());
  on("run", "change", () => openRun(at("run").value));
  on("next", "click", async () => step(1));
  on("previous", "click", async () => step(-1));
  for (const button of document.querySelectorAll("[data-decision]")) {
    button.addEventListener("click", tried(() => decide(button.dataset.decision)));
  }
  sent("login", async () => {
    const password = at("login-password").value;
    at("login-password").value = "";
    await ask("POST", "/api/v1/login", { name: at("login-name").value, password });
    say("");
    await enter();
  });
  sent("shared", acceptId);
  on("past", "toggle", showPast);
  on("to-work", "click", async () => { say(""); show("work"); showEntry(); });
  on("to-lists", "click", async () => { say(""); show("lists"); await loadLists(); });
  on("logout", "click", async () => { await ask("POST", "/api/v1/logout", {}); location.reload(); });
  on("recheck-now", "click", () => start("/api/v1/recheck", { sites: [current().site] }));
  on("stop", "click", async () => took(await ask("POST", "/api/v1/stop", {})));
  on("job-run", "click", () => openRun(at("job-run").value));
  on("upload", "change", upload);
  on("list-run", "click", () => start("/api/v1/run", { list: state.list.name }));
  on("list-save", "click", saveTable);
  on("list-row", "click", async () => addRow());
  const keys = { c: "confirm", p: "pass", f: "fail", r: "recheck", d: "disputed" };
  document.addEventListener("keydown", (event) => {
    const inField = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (inField && event.key === "Escape") { event.target.blur(); return; }
    if (inField || event.ctrlKey || event.altKey || event.metaKey || event.repeat || at("work").hidden) return;
    if (event.key === "ArrowRight" || event.key === "n") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key.toLowerCase() === "u") undo();
    else if (keys[event.key.toLowerCase()]) tried(decide)(keys[event.key.toLowerCase()]);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) hush(); else listen(); });
  await enter();
};
tried(begin)();

"use strict";
// Everything that comes from audited sites is put in as text, never as markup.
const at = (id) => document.getElementById(id);
const state = { words: {}, session: {}, run: null, entries: [], why: "", shown: 0, polling: false };

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

const showLogin = () => {
  at("login").hidden = false;
  at("work").hidden = true;
  at("logout").hidden = true;
  at("login-name").focus();
};
const wanted = () => state.entries.filter((entry) => state.why === "" || entry.why === state.why);
const current = () => wanted()[state.shown];
const alike = (entry) => wanted().filter((other) => other.cause === entry.cause && other.status === entry.status);

const showEntry = () => {
  const all = wanted();
  state.shown = Math.max(0, Math.min(state.shown, all.length - 1));
  const entry = all[state.shown];
  at("left").textContent = state.words.page.left + ": " + all.length;
  at("entry").hidden = !entry;
  if (!entry) { say(state.words.page.empty); return; }
  const language = state.words.language;
  at("site").textContent = entry.site;
  at("agency").textContent = entry.name === entry.agency ? entry.name : entry.name + " · " + entry.agency;
  at("check").textContent = entry.check_name[language] || entry.check;
  at("status").textContent = state.words.status[entry.status] + " (" + entry.code + ")";
  at("sentence").textContent = entry.message[language];
  const decided = entry.reviewed;
  at("decided").textContent = decided
    ? state.words.page.decided + ": " + state.words.decision[decided.decision] + " (" + decided.by + ") " + decided.note
    : "";
  at("note").value = "";
  at("same").checked = false;
  const count = alike(entry).length;
  at("same-count").textContent = String(count);
  at("same-line").hidden = count < 2;
  document.querySelector("[data-decision=confirm]").disabled = entry.status === "review";
  // Only addresses of the web: a page may say where it ended, not what a click does.
  at("open").hidden = !/^https?:\/\//.test(entry.url);
  at("open").href = at("open").hidden ? "#" : entry.url;
  const pictures = at("pictures");
  pictures.replaceChildren();
  for (const address of entry.pictures) {
    const picture = document.createElement("img");
    picture.src = address.split("/").map(encodeURIComponent).join("/");
    picture.alt = entry.site + ": " + address.split("/").pop();
    picture.addEventListener("error", () => picture.remove());
    pictures.append(picture);
  }
};

const loadQueue = async () => {
  const path = state.run ? "/api/v1/queue?run=" + encodeURIComponent(state.run) : "/api/v1/queue";
  const told = await ask("GET", path);
  state.run = told.run;
  at("run").value = told.run;
  state.entries = told.entries;
  at("report").href = "/files/" + encodeURIComponent(told.run) + "/report/index.html";
  showEntry();
};
const loadRuns = async () => {
  const { runs } = await ask("GET", "/api/v1/runs");
  at("run").replaceChildren(...runs.map((run) => option(run.run, run.run + " (" + run.kind + ")")));
};

const decide = async (decision) => {
  const entry = current();
  if (!entry) return;
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
  await loadQueue();
  say(state.words.page.saved + ": " + chosen.length);
};
const step = (by) => { state.shown += by; say(""); showEntry(); };

const showJob = (job) => {
  at("job").hidden = !job.running && job.exit_code === null;
  at("stop").hidden = !job.running;
  at("job-state").textContent = (job.running ? state.words.page.working : state.words.page.ended) + ": " + job.sites.join(", ");
  at("job-lines").textContent = job.lines.join("\n");
};
const follow = async () => {
  if (state.polling) return;
  state.polling = true;
  try {
    for (;;) {
      const job = await ask("GET", "/api/v1/job");
      showJob(job);
      if (!job.running) break;
      await new Promise((resume) => setTimeout(resume, 1000));
    }
    await loadRuns();
    at("run").value = state.run;
  } finally {
    state.polling = false;
  }
};

const enter = async () => {
  state.session = await ask("GET", "/api/v1/session");
  const isIn = state.session.role !== null;
  if (!isIn) { showLogin(); return; }
  at("login").hidden = true;
  at("work").hidden = false;
  at("logout").hidden = !state.session.accounts;
  at("who").textContent = state.session.name || "";
  at("reviewer-line").hidden = state.session.accounts;
  at("reviewer").value = localStorage.getItem("reviewer") || "";
  at("recheck-now").hidden = state.session.role !== "run";
  await loadRuns();
  await loadQueue();
  await follow();
};

const begin = async () => {
  state.words = await (await fetch("/api/v1/words")).json();
  document.documentElement.lang = state.words.language;
  document.title = state.words.page.title;
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = state.words.page[place.dataset.word];
  const reasons = ["disputed", "review", "changed", "not_measured", "fail"];
  at("why").append(option("", state.words.page.all), ...reasons.map((why) => option(why, state.words.page[why])));
  at("why").addEventListener("change", () => { state.why = at("why").value; state.shown = 0; say(""); showEntry(); });
  at("run").addEventListener("change", tried(async () => { state.run = at("run").value; state.shown = 0; say(""); await loadQueue(); }));
  at("next").addEventListener("click", () => step(1));
  at("previous").addEventListener("click", () => step(-1));
  for (const button of document.querySelectorAll("[data-decision]")) {
    button.addEventListener("click", tried(() => decide(button.dataset.decision)));
  }
  const login = tried(async () => {
    await ask("POST", "/api/v1/login", { name: at("login-name").value, password: at("login-password").value });
    at("login-password").value = "";
    say("");
    await enter();
  });
  at("login-go").addEventListener("click", login);
  at("login-password").addEventListener("keydown", (event) => { if (event.key === "Enter") login(); });
  at("logout").addEventListener("click", tried(async () => { await ask("POST", "/api/v1/logout", {}); location.reload(); }));
  at("recheck-now").addEventListener("click", tried(async () => {
    await ask("POST", "/api/v1/recheck", { sites: [current().site] });
    await follow();
  }));
  at("stop").addEventListener("click", tried(async () => { await ask("POST", "/api/v1/stop", {}); }));
  const keys = { c: "confirm", p: "pass", f: "fail", r: "recheck", d: "disputed" };
  document.addEventListener("keydown", (event) => {
    const inField = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (inField || event.ctrlKey || event.altKey || event.metaKey || event.repeat || at("work").hidden) return;
    if (event.key === "ArrowRight" || event.key === "n") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (keys[event.key.toLowerCase()]) tried(decide)(keys[event.key.toLowerCase()]);
  });
  await enter();
};
tried(begin)();

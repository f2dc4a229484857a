'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const form = document.getElementById('filter');
  const table = document.getElementById('table');
  const pages = document.getElementById('pages');
  const shown = document.getElementById('shown');
  const [previous, next] = pages.querySelectorAll('button');
  const perPage = 100;
  const state = { text: '', portal: '', agency: '', verdict: '', check: '', change: '', sort: '', page: 1 };
  // Clerks type without marks as often as with them.
  const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
  const say = (key, facts) => data.words[key].replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const urgency = { fail: 0, review: 1, not_measured: 2, pass: 3 };

  const sites = data.rows.map(([[name, site, agency, outcome], [portal, verdict, reviewed, change, restless], folder, thumbs, open], order) => {
    const told = open.map(([check, status, cause]) => [data.checks[check], data.statuses[status], cause]);
    const words = [name, site, agency, outcome, data.portals[portal][0], ...told.flatMap(([check, , cause]) => [check, cause])];
    return {
      name: name || site, site: name ? site : '', agency: agency || name || site, owner: agency, outcome, portal, folder, thumbs, told, order,
      checks: open.map(([check]) => String(check)),
      verdict: data.verdicts[verdict], reviewed: data.verdicts[reviewed],
      changes: [data.changes[change], restless && data.changes.at(-1)].filter(Boolean), text: fold(words.join('\n')),
    };
  });

  const element = (name, attributes, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };
  const word = ([status, text]) => element('span', { class: `word ${status}` }, text);
  const isolated = (text) => element('bdi', {}, text);

  const row = (site) => {
    const thumb = element('td', { class: 'thumb' });
    const page = `sites/${site.folder}.html`;
    const there = data.thumbs.map((name, kind) => [name, kind]).filter(([, kind]) => site.thumbs & (1 << kind));
    if (there.length) {
      const images = there.map(([name, kind]) => element('img', {
        src: `${data.place}${site.folder}/${name}`, alt: '', loading: 'lazy',
        ...(kind ? { class: 'strip', width: '150', height: '26' } : { class: 'top', width: '112', height: '84' }),
      }));
      thumb.append(element('a', { class: 'thumbs', href: page, tabindex: '-1', 'aria-hidden': 'true' }, ...images));
    }
    const name = element('td', { class: 'name' }, element('a', { href: page }, isolated(site.name)));
    if (site.site) name.append(element('small', {}, site.site));
    const verdict = element('td', {}, word(site.verdict));
    if (site.reviewed) verdict.append(element('small', { class: 'why' }, ` ${data.words.reviewed}: `), word(site.reviewed));
    for (const [kind, text] of site.changes) verdict.append(element('small', { class: `changed ${kind}` }, text));
    const todo = element('td', {});
    if (site.outcome) todo.append(element('p', { class: 'why' }, isolated(site.outcome)));
    const list = element('ul', { class: 'todo' });
    for (const [check, status, cause] of site.told) {
      list.append(element('li', {}, word(status), ` ${check}${cause ? ': ' : ''}`, isolated(cause)));
    }
    if (site.told.length) todo.append(list);
    const [portal, portalPage] = data.portals[site.portal];
    return element('tr', {}, thumb, name, element('td', {}, isolated(site.owner)),
      element('td', {}, element('a', { href: portalPage }, isolated(portal))), verdict, todo);
  };

  const orders = {
    name: (a, b) => collator.compare(a.name, b.name),
    agency: (a, b) => collator.compare(a.agency, b.agency),
    portal: (a, b) => collator.compare(data.portals[a.portal][0], data.portals[b.portal][0]),
    verdict: (a, b) => urgency[a.verdict[0]] - urgency[b.verdict[0]],
    findings: (a, b) => b.told.length - a.told.length,
  };

  const chosen = () => {
    const words = fold(state.text).split(/\s+/).filter(Boolean);
    const kept = sites.filter((site) =>
      words.every((one) => site.text.includes(one)) &&
      (!state.portal || data.portals[site.portal][1] === state.portal) &&
      (!state.agency || site.agency === state.agency) &&
      (!state.verdict || site.verdict[0] === state.verdict) &&
      (!state.check || site.checks.includes(state.check)) &&
      (!state.change || site.changes.some(([kind]) => kind === state.change)));
    const [, down, key] = /^(-?)(\w+)$/.exec(state.sort) || [];
    if (Object.hasOwn(orders, key || '')) {
      const sign = down ? -1 : 1;
      kept.sort((a, b) => sign * orders[key](a, b) || a.order - b.order);
    }
    return kept;
  };

  const draw = () => {
    const kept = chosen();
    const last = Math.max(1, Math.ceil(kept.length / perPage));
    state.page = Math.min(Math.max(1, state.page), last);
    const from = (state.page - 1) * perPage;
    table.tBodies[0].replaceChildren(...kept.slice(from, from + perPage).map(row));
    shown.textContent = kept.length
      ? say('shown_of', { shown: kept.length, all: sites.length })
      : data.words.none_found;
    pages.hidden = last === 1;
    pages.querySelector('span').textContent = say('page_of', { page: state.page, last });
    previous.disabled = state.page === 1;
    next.disabled = state.page === last;
    for (const button of table.querySelectorAll('button[data-sort]')) {
      const { sort } = button.dataset;
      const direction = { [sort]: 'ascending', [`-${sort}`]: 'descending' }[state.sort] || 'none';
      button.closest('th').setAttribute('aria-sort', direction);
    }
  };

  const remember = () => {
    const kept = new URLSearchParams(Object.entries(state).filter(([key, value]) => value && !(key === 'page' && value === 1)));
    history.replaceState(null, '', `#${kept}`);
    draw();
  };

  const recall = () => {
    const told = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(state)) state[key] = told.get(key) || '';
    state.page = Number.parseInt(state.page, 10) || 1;
    for (const control of form.elements) if (control.name) control.value = state[control.name];
    draw();
  };

  const fill = (name, options) => {
    for (const [value, text] of options) form.elements[name].append(element('option', { value }, text));
  };
  fill('portal', data.portals.map(([name, page]) => [page, name]));
  const agencies = [...new Set(sites.map((site) => site.agency))].sort(collator.compare);
  fill('agency', agencies.map((name) => [name, name]));
  fill('verdict', data.verdicts);
  if (form.elements.change) fill('change', data.changes.filter(([kind]) => kind !== 'gone'));
  fill('check', data.checks.map((name, number) => [number, name]));
  previous.textContent = data.words.previous;
  next.textContent = data.words.next;

  const changed = (event) => {
    state[event.target.name] = event.target.value;
    state.page = 1;
    remember();
  };
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => {
    for (const control of form.elements) if (control.name) state[control.name] = '';
    state.page = 1;
    remember();
  });
  table.tHead.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-sort]');
    if (!button) return;
    const { sort } = button.dataset;
    state.sort = state.sort === sort ? `-${sort}` : sort;
    state.page = 1;
    remember();
  });
  pages.addEventListener('click', (event) => {
    if (!event.target.dataset.step) return;
    state.page += Number(event.target.dataset.step);
    remember();
    document.getElementById('sites').scrollIntoView();
  });
  addEventListener('hashchange', () => {
    recall();
    if (location.hash) document.getElementById('sites').scrollIntoView();
  });
  // A list without agencies needs no column for them.
  table.classList.toggle('without-agency', sites.every((site) => !site.owner));
  form.hidden = false;
  table.hidden = false;
  recall();
})();

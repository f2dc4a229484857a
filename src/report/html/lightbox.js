'use strict';
(() => {
  const dialog = document.getElementById('large');
  const links = [...document.querySelectorAll('.pictures figure > a')];
  if (!dialog || !links.length) return;
  const image = dialog.querySelector('img');
  const caption = dialog.querySelector('p');
  const place = dialog.querySelector('.place-of-picture');
  const scales = [1, 1.5, 2, 3, 4];
  let at = 0;
  let scale = 0;

  const zoom = (step) => {
    scale = Math.min(Math.max(0, scale + step), scales.length - 1);
    // An attribute, for the policy of the page lets no style in.
    if (scale === 0) image.removeAttribute('width');
    else image.setAttribute('width', Math.round(place.clientWidth * scales[scale]));
    dialog.classList.toggle('zoomed', scale > 0);
  };
  const show = (number) => {
    at = (number + links.length) % links.length;
    image.src = links[at].href;
    image.alt = links[at].querySelector('img').alt;
    caption.textContent = `${at + 1}/${links.length} · ${image.alt}`;
    scale = 0;
    zoom(0);
    place.scrollTo(0, 0);
  };
  links.forEach((link, number) => link.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.showModal();
    show(number);
  }));
  // The small pictures at the top lead to the same, where it is shown below.
  for (const small of document.querySelectorAll('.thumbs a')) {
    const whole = links.find((link) => link.href === small.href);
    if (whole) small.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      whole.click();
    });
  }
  const acts = {
    ArrowLeft: () => show(at - 1), ArrowRight: () => show(at + 1),
    '+': () => zoom(1), '=': () => zoom(1), '-': () => zoom(-1),
  };
  dialog.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(acts, event.key)) return;
    // A picture that is zoomed in is moved by the arrows.
    if (scale > 0 && event.key.startsWith('Arrow')) return;
    event.preventDefault();
    acts[event.key]();
  });
  dialog.addEventListener('click', (event) => {
    const { act } = event.target.dataset;
    if (act === 'close' || event.target === dialog) dialog.close();
    else if (act) acts[act]();
    else if (event.target === image) zoom(scale === 0 ? 2 : -scale);
  });
  place.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && scale === 0 && event.deltaY > 0) return;
    if (!event.ctrlKey && scale > 0) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });
  dialog.addEventListener('close', () => links[at].focus());
})();

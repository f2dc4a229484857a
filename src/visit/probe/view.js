// Where the visitor looks: back to the top of the page, and when the next picture has been drawn.
(function (root) {
  "use strict";
  const audit = root.__emcAudit;

  /** Scrolls to the top left corner at once, whatever the page says of smooth scrolling. */
  audit.scrollToTop = () => {
    root.scrollTo({ left: 0, top: 0, behavior: "instant" });
    return true;
  };

  /** Scrolls so that this height of the page stands in the middle of the view. */
  audit.scrollAround = (y) => {
    root.scrollTo({ left: 0, top: Math.max(0, y - root.innerHeight / 2), behavior: "instant" });
    return true;
  };

  /** Resolves when two frames have been drawn, or after 500 ms where none is drawn. */
  audit.nextFrame = () =>
    new Promise((resolve) => {
      root.setTimeout(() => resolve(false), 500);
      root.requestAnimationFrame(() => root.requestAnimationFrame(() => resolve(true)));
    });

  // A probe that is put in again found the page in the midst of an act.
  audit.release();
})(globalThis);

// Leads on to the page that stands elsewhere now, at the same place in it. Without scripts the page does so itself, but for
// the place.
(() => {
  'use strict';
  const onward = document.documentElement.dataset.onward;
  if (onward) location.replace(onward + location.search + location.hash);
})();

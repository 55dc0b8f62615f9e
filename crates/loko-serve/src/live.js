// Loads the page anew when the workspace changed, and keeps the place.
const place = "loko-place:" + location.pathname;
const kept = sessionStorage.getItem(place);
if (kept) {
  sessionStorage.removeItem(place);
  scrollTo(0, Number(kept));
}
const events = new EventSource("/_loko/events");
let lost = false;
const reload = () => {
  sessionStorage.setItem(place, String(scrollY));
  location.reload();
};
events.addEventListener("change", reload);
// After the server came back, what is shown may be old.
events.addEventListener("error", () => { lost = true; });
events.addEventListener("open", () => { if (lost) reload(); });

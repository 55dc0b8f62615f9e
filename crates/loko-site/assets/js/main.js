// What makes the pages better than paper. Every page can be read without it.
import { all, starters } from './dom.js';
import { followLink, hooks, setUpDrawing } from './drawing.js';
import { setUpFinders } from './finder.js';
import { setUpMinimap } from './minimap.js';
import { setUpPanels } from './panels.js';
import { setUpSidebar } from './sidebar.js';
import { setUpTables } from './tables.js';
import { setUpTabs } from './tabs.js';
import { setUpTrace } from './trace.js';

setUpSidebar();
setUpFinders();
hooks.push(setUpTrace, setUpMinimap, setUpPanels);
/** @param {ParentNode} [page] */
const setUpPage = (page) => {
  all('[data-drawing]', page).forEach(setUpDrawing);
  setUpTabs(page);
};
if (starters.length) starters.forEach((start) => start(setUpPage));
else setUpPage();
setUpTables();
followLink();
addEventListener('hashchange', followLink);
// A live server changed the page: what is new gets its tools too.
document.addEventListener('loko:patched', () => setUpPage());

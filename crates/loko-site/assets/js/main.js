// What makes the pages better than paper. Every page can be read without it.
import { all, isWhole } from './dom.js';
import { setUpChapters } from './chapters.js';
import { setUpChoice } from './choose.js';
import { hooks, setUpDrawing } from './drawing.js';
import { followLink, setUpCopy } from './copy.js';
import { setUpExplore } from './explore.js';
import { setUpFinders } from './finder.js';
import { setUpMinimap } from './minimap.js';
import { setUpPlayers } from './player.js';
import { setUpSidebar } from './sidebar.js';
import { setUpSteps } from './steps.js';
import { setUpTables } from './tables.js';
import { setUpTabs } from './tabs.js';
import { setUpTrace } from './trace.js';

setUpSidebar();
setUpFinders();
hooks.push(setUpTrace, setUpMinimap, setUpExplore, setUpSteps, setUpCopy);
/** @param {ParentNode} [page] */
const setUpPage = (page) => {
  all('[data-drawing]', page).forEach(setUpDrawing);
  setUpTabs(page);
  setUpChoice(page);
};
if (isWhole) setUpChapters(setUpPage);
else setUpPage();
setUpTables();
setUpPlayers();
followLink();
addEventListener('hashchange', followLink);
// A live server changed the page: what is new gets its tools too.
document.addEventListener('loko:patched', () => {
  setUpPage();
  setUpPlayers();
});

// What makes the pages better than paper. Every page can be read without it.
import { all } from './dom.js';
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
all('[data-drawing]').forEach(setUpDrawing);
setUpTabs();
setUpTables();
setUpPlayers();
followLink();
addEventListener('hashchange', followLink);
// A live server changed the page: what is new gets its tools too.
document.addEventListener('loko:patched', () => {
  all('[data-drawing]').forEach(setUpDrawing);
  setUpTabs();
  setUpPlayers();
});

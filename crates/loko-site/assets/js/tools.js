// What is behind the tools of drawings, for the page that asked for it.
import { forgetScripts } from './dom.js';
import { fillCopy } from './copy.js';
import { fillFilter, fillWay } from './explore.js';
import { setUpSteps } from './steps.js';

globalThis.lokoTools = { copy: fillCopy, filter: fillFilter, way: fillWay, steps: setUpSteps };
// A live server changed the site: the model, the fonts.
document.addEventListener('loko:changed', forgetScripts);

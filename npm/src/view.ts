// The modules that the view needs and the frame does not: loaded in parallel with the create.
export { loadFull } from "./full-view.js";
export { dress } from "./style.js";

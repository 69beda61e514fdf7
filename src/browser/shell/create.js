import { PageAround } from "./page.js";
import { Shell } from "./shell.js";

/**
 * Creates a complete shell, for a component without a host.
 *
 * @param {Element} place - The parent of the dialog.
 */
export function createShell(place) {
  const shell = new Shell(place);
  shell.page = new PageAround(shell);
  shell.page.observe();
  return shell;
}

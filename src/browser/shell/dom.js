/**
 * Appends a new element.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {ParentNode & Node} parent
 * @param {Tag} tag
 * @param {string} className
 * @param {string} [part]
 */
export function append(parent, tag, className, part) {
  const element = /** @type {Document} */ (parent.ownerDocument).createElement(tag);
  element.className = className;
  if (part) element.setAttribute("part", part);
  parent.append(element);
  return element;
}

/**
 * Adds an event listener. Returns a function that removes it.
 *
 * @param {EventTarget} target
 * @param {string} name
 * @param {(event: Event) => void} listener
 * @param {boolean} [capture]
 */
export function listen(target, name, listener, capture) {
  target.addEventListener(name, listener, capture);
  return () => target.removeEventListener(name, listener, capture);
}

/**
 * Calls a function of the browser that may be missing or refused, without consequence.
 *
 * @param {() => void} action
 */
export function quietly(action) {
  try {
    action();
  } catch {
    // Explained above.
  }
}

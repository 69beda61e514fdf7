/** Creates the dialog's close control, used while the view loads and in plain mode; the view draws its own. */
export function closeControl(onClick: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "cr3d-close";
  button.setAttribute("part", "close");
  button.addEventListener("click", onClick);
  const icon = button.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("class", "cr3d-icon");
  icon.setAttribute("aria-hidden", "true");
  icon.appendChild(document.createElementNS(icon.namespaceURI, "path")).setAttribute("d", "M6 6l12 12M18 6L6 18");
  return button;
}

import "cr3dentials-embed/element";

const element = document.querySelector("cr3dentials-verify");
const outcome = document.querySelector("#outcome");

// The event proves nothing, so our server requests the result from the proxy.
element.addEventListener("cr3d-complete", async ({ detail }) => {
  const response = await fetch(`/api/grants/${detail.sessionId}`);
  const { granted } = await response.json();
  outcome.textContent = granted ? "Granted" : "Not granted";
});

element.addEventListener("cr3d-end", ({ detail }) => {
  if (detail.reason !== "completed") outcome.textContent = detail.reason;
});

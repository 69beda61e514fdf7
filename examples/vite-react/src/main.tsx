import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { Loan } from "./loan";

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <Loan />
  </StrictMode>,
);

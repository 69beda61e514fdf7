import { createApp } from "vue";

import Loan from "./Loan.vue";

createApp(Loan).mount("#app");

// The whole host in one file: for a page that loads it by its URL, another one would cost a round trip.
import { define } from "./index.js";

define();

export * from "./index.js";

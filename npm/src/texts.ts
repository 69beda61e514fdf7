import type { Strings, Texts } from "./locale.js";

/** English, which is built in and needs no request, with the page's own texts. */
export function english(own: Strings | undefined): Texts {
  return { lang: "en", strings: own ?? {} };
}

/** Resolves to the texts for the language `lang`, or to English if they cannot be loaded. Never rejects. */
export async function loadTexts(lang: string, own: Strings | undefined): Promise<Texts> {
  if (own || !/^en\b/i.test(lang)) {
    try {
      return await (await import("./locale.js")).loadTexts(lang, own);
    } catch {
      // The browser's own console message names the missing file.
    }
  }
  return english(own);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting, loadTexts } from "../src/locale.js";
import ar from "../src/locales/ar.json" with { type: "json" };
import de from "../src/locales/de.json" with { type: "json" };
import en from "../src/locales/en.json" with { type: "json" };
import es from "../src/locales/es.json" with { type: "json" };
import fr from "../src/locales/fr.json" with { type: "json" };
import hi from "../src/locales/hi.json" with { type: "json" };
import ja from "../src/locales/ja.json" with { type: "json" };
import ptBR from "../src/locales/pt-BR.json" with { type: "json" };
import zhHans from "../src/locales/zh-Hans.json" with { type: "json" };

const ALL: Record<string, Record<string, string>> = { ar, de, es, fr, hi, ja, "pt-BR": ptBR, "zh-Hans": zhHans };
const english: Record<string, string> = en;

/** Texts that are the same in both languages. */
const SAME = new Set<string>();

const marks = (text: string) => new Set(text.match(/\{\w+\}/g));
const category = /\.(zero|one|two|few|many|other)$/;

for (const [tag, strings] of Object.entries(ALL)) {
  test(`${tag} has every needed key and no other`, () => {
    const needed = Object.keys(english).filter((key) => !key.endsWith(".one"));
    for (const key of needed) assert.ok(strings[key], key);
    for (const key of Object.keys(strings)) {
      assert.ok(key in english || key.replace(category, ".other") in english, key);
    }
  });

  test(`${tag} has a form for each plural category of the language`, () => {
    const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions();
    // Others fall back to `other`: `many` in Romance languages is for millions, and `zero` and `many` in Arabic read
    // alike.
    for (const wanted of pluralCategories.filter((name) => !["zero", "many"].includes(name))) {
      for (const key of ["minutesLeft", "tryingAgain"]) assert.ok(strings[`${key}.${wanted}`], `${key}.${wanted}`);
    }
  });

  test(`${tag} has no English text and fills in the same names`, () => {
    for (const [key, text] of Object.entries(strings)) {
      const original = english[key] ?? english[key.replace(category, ".other")] ?? "";
      assert.ok(text !== original || SAME.has(`${tag} ${key}`), `${key} is English`);
      for (const mark of marks(text)) assert.ok(marks(original).has(mark), `${key} has ${mark}`);
      // "One minute" needs no digit.
      const kept = /\.(one|two)$/.test(key) ? [] : marks(original);
      for (const mark of kept) assert.ok(marks(text).has(mark), `${key} lost ${mark}`);
    }
  });
}

test("a tag finds the locale that its readers understand", () => {
  const expected = {
    de: "de",
    "de-AT": "de",
    "pt-PT": "pt-BR",
    "zh-CN": "zh-Hans",
    zh: "zh-Hans",
    "ar-EG": "ar",
    "es-419": "es",
    "zh-TW": undefined,
    "zh-Hant": undefined,
    en: undefined,
    nl: undefined,
    "": undefined,
    "not a tag!": undefined,
  };
  for (const [tag, locale] of Object.entries(expected)) assert.equal(fitting(tag), locale, tag);
});

test("own texts override all others and have the page's language", async () => {
  const words = await loadTexts("de-AT", { tryAgain: "Nochmal" });
  assert.equal(words.lang, "de-AT");
  assert.equal(words.strings.tryAgain, "Nochmal");
  assert.equal(words.strings.startAgain, de.startAgain);
  assert.deepEqual(await loadTexts("nl", { tryAgain: "Opnieuw" }), { lang: "nl", strings: { tryAgain: "Opnieuw" } });
  assert.deepEqual(await loadTexts("nl"), { lang: "en", strings: {} });
  assert.deepEqual(await loadTexts("en-GB"), { lang: "en", strings: {} });
});

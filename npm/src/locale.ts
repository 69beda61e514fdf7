/** The package's locales, each loaded on demand. English is built in. */
const LOCALES = {
  ar: () => import("./locales/ar.json"),
  de: () => import("./locales/de.json"),
  es: () => import("./locales/es.json"),
  fr: () => import("./locales/fr.json"),
  hi: () => import("./locales/hi.json"),
  ja: () => import("./locales/ja.json"),
  "pt-BR": () => import("./locales/pt-BR.json"),
  "zh-Hans": () => import("./locales/zh-Hans.json"),
} as const;

type Locale = keyof typeof LOCALES;

/** Texts by key; `locales/en.json` lists the keys. */
export type Strings = Readonly<Record<string, string>>;

/** The view's texts and their language. */
export interface Texts {
  readonly lang: string;
  readonly strings: Strings;
}

/** Returns the package's locale that best matches `tag`; `undefined` for English or an unsupported language. */
export function fitting(tag: string | undefined): Locale | undefined {
  const locale = parse(tag);
  if (!locale) return undefined;
  // Brazilian Portuguese serves every Portuguese reader; for Chinese the script decides.
  if (locale.language === "zh") return locale.maximize().script === "Hans" ? "zh-Hans" : undefined;
  if (locale.language === "pt") return "pt-BR";
  return locale.language in LOCALES ? (locale.language as Locale) : undefined;
}

/**
 * Loads the texts for the language `tag`. The page's own texts override them.
 *
 * Never rejects: if the file cannot be loaded, the texts are English and a console warning gives the reason.
 */
export async function loadTexts(tag: string | undefined, own: Strings = {}): Promise<Texts> {
  const locale = fitting(tag);
  // Own texts in a language without a locale file have the page's language; without one they count as English.
  const pageLang = Object.keys(own).length > 0 ? parse(tag)?.toString() : undefined;
  if (!locale) return { lang: pageLang ?? "en", strings: own };
  try {
    const file: { default: Strings } = await LOCALES[locale]();
    return { lang: parse(tag)?.toString() ?? locale, strings: { ...file.default, ...own } };
  } catch (error) {
    console.warn(`<cr3dentials-verify>: could not load the texts for "${locale}"; using English. ${String(error)}`);
    return { lang: "en", strings: own };
  }
}

function parse(tag: string | undefined): Intl.Locale | undefined {
  try {
    return tag ? new Intl.Locale(tag) : undefined;
  } catch {
    // Not a valid tag.
    return undefined;
  }
}

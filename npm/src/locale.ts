/** The languages that come with the package, each loaded when it is needed. English is built in. */
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

/** Words by their keys, which `locales/en.json` lists. */
export type Strings = Readonly<Record<string, string>>;

/** What the view says, and in which language that is. */
export interface Words {
  readonly lang: string;
  readonly strings: Strings;
}

/** The language that comes with the package and fits `tag` best; none where English is the better answer. */
export function fitting(tag: string | undefined): Locale | undefined {
  const locale = parse(tag);
  if (!locale) return undefined;
  // Whoever reads the one kind of Portuguese reads the other; with Chinese it depends on the script.
  if (locale.language === "zh") return locale.maximize().script === "Hans" ? "zh-Hans" : undefined;
  if (locale.language === "pt") return "pt-BR";
  return locale.language in LOCALES ? (locale.language as Locale) : undefined;
}

/**
 * The words for a page in the language `tag`, with the page's own words before all others.
 *
 * Never rejects: where the file cannot be loaded the words are English, and the console says why.
 */
export async function loadWords(tag: string | undefined, own: Strings = {}): Promise<Words> {
  const locale = fitting(tag);
  // Own words without a language of ours are in the language that the page says, else they are taken for English.
  const spoken = Object.keys(own).length > 0 ? parse(tag)?.toString() : undefined;
  if (!locale) return { lang: spoken ?? "en", strings: own };
  try {
    const file: { default: Strings } = await LOCALES[locale]();
    return { lang: parse(tag)?.toString() ?? locale, strings: { ...file.default, ...own } };
  } catch (error) {
    console.warn(`<cr3dentials-verify>: the words for "${locale}" could not be loaded, so they are English. ${String(error)}`);
    return { lang: "en", strings: own };
  }
}

function parse(tag: string | undefined): Intl.Locale | undefined {
  try {
    return tag ? new Intl.Locale(tag) : undefined;
  } catch {
    // Not a tag.
    return undefined;
  }
}

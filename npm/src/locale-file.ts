// The type of each file in `locales/`.
declare const words: Readonly<Record<string, string>>;

export default words;

// The type of each file below `locales/`.
declare const words: Readonly<Record<string, string>>;

export default words;

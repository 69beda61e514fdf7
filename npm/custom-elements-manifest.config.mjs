// Configuration of the custom elements analyzer. `npm run manifest` writes custom-elements.json from the JSDoc of the
// element's class, and `npm test` fails if the file is out of date.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

const NPM = import.meta.dirname;
const { sideEffects } = JSON.parse(readFileSync(join(NPM, "package.json"), "utf8"));

/** The modules that are described, by their source, with a summary. They are published as `build/<name>.js`. */
const ENTRIES = {
  "src/index.ts": "Defines nothing by itself.",
  "src/element.ts": "Defines the tag.",
  "src/inline.ts": "The same as `build/index.js`, with the WebAssembly module inside.",
  "src/standalone.ts": "Everything in one file, which sends requests only to the proxy. Defines the tag.",
};
const CLASS = "src/verify-element.ts";
const TAG = "cr3dentials-verify";
const LANG = "Every element has this property; it sets the attribute.";

/** The property of each attribute, and the properties that may change after the start. */
const { ATTRIBUTES, isMutable, isReadPerRequest } = await importSource("src/options.ts");

async function importSource(file) {
  const { outputFiles } = buildSync({ entryPoints: [join(NPM, file)], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

/** Adds what the analyzer cannot know: the properties of the attributes, and the paths of the published modules. */
function published() {
  /** The descriptions of static fields: a `@prop` of the class with the same name replaces them. */
  const statics = new Map();
  return {
    name: "published",
    analyzePhase({ ts, node }) {
      const isStatic = ({ kind }) => kind === ts.SyntaxKind.StaticKeyword;
      for (const member of ts.isClassDeclaration(node) ? node.members : []) {
        if (!member.modifiers?.some(isStatic)) continue;
        statics.set(member.name.getText(), {
          type: member.type?.getText(),
          description: member.jsDoc?.at(-1)?.comment,
        });
      }
    },
    packageLinkPhase({ customElementsManifest: manifest }) {
      const sources = new Map(manifest.modules.map((module) => [module.path, module]));
      const [element] = sources.get(CLASS).declarations.filter(({ customElement }) => customElement);
      sources.get("src/index.ts").declarations.unshift(elementOf(element, statics));
      manifest.schemaVersion = "2.1.0";
      manifest.readme = "README.md";
      manifest.modules = Object.entries(ENTRIES).map(([path, summary]) => moduleOf(path, summary, sources));
    },
  };
}

function moduleOf(path, summary, sources) {
  const { kind, declarations } = sources.get(path);
  const defines = sideEffects.includes(`./${builtPath(path)}`);
  const tag = {
    kind: "custom-element-definition",
    name: TAG,
    declaration: exported("Cr3dentialsVerify", "src/index.ts"),
  };
  return {
    kind,
    path: builtPath(path),
    summary,
    declarations: declarations.map((it) => (it.kind === "function" ? functionOf(it) : it)),
    exports: [
      ...(defines ? [tag] : []),
      ...exportsOf(path, sources).map(([name, module]) => ({ kind: "js", name, declaration: exported(name, module) })),
    ],
  };
}

/** Returns the names that a module exports, each with the module that declares it. Types are left out. */
function exportsOf(path, sources) {
  const all = sources.get(path)?.exports ?? [];
  const reexported = all
    .filter(({ name }) => name === "*")
    .flatMap(({ declaration }) => exportsOf(declaration.module.replace(/\.js$/, ".ts"), sources));
  const own = all.filter(({ name }) => name !== "*").map(({ name }) => [name, path]);
  // A module's own exports come last, since they override those of another module.
  return [...new Map([...reexported, ...own])].sort(([left], [right]) => (left < right ? -1 : 1));
}

function exported(name, path) {
  return { name, module: builtPath(path) };
}

function builtPath(path) {
  return path.replace(/^src\/(.*)\.ts$/, "build/$1.js");
}

function functionOf({ parameters, description, ...rest }) {
  const named = parameters.filter(({ name }) => !name.includes("."));
  const fields = parameters.filter(({ name }) => name.includes("."));
  return {
    ...rest,
    description: oneLine(description),
    parameters: named.map(({ default: value, ...parameter }) => {
      const described = fields.map(({ name, description: text }) => `\`${name.split(".")[1]}\`: ${text}.`);
      return {
        ...parameter,
        ...(value !== undefined && { optional: true, default: value }),
        description: parameter.description ?? described.join(" "),
      };
    }),
  };
}

function elementOf({ attributes, members, cssProperties, superclass: _, ...element }, statics) {
  const isPublic = ({ name, privacy }) => privacy === undefined && !/^#|Callback$|^observedAttributes$/.test(name);
  const declared = members.filter(isPublic);
  const settable = declared.filter(({ kind, readonly }) => kind === "field" && !readonly);
  const rest = declared.filter((member) => !settable.includes(member));
  const [wasmUrl] = settable.filter(({ name }) => statics.has(name));
  return {
    ...element,
    description: oneLine(element.description.replace(element.summary, "")),
    superclass: { name: "HTMLElement", package: "global:" },
    attributes: attributes.map((attribute) => ({ ...attribute, fieldName: ATTRIBUTES[attribute.name] })),
    members: [
      ...attributes.map(propertyOf),
      ...settable.filter((field) => field !== wasmUrl).map(optional),
      optional({ ...wasmUrl, static: undefined }),
      ...rest.filter(({ kind }) => kind === "field"),
      staticField(wasmUrl.name, statics),
      ...rest.filter(({ kind }) => kind === "method"),
    ],
    cssProperties: cssProperties.map(({ type, ...property }) => ({ ...property, ...(type && { syntax: type.text }) })),
  };
}

function propertyOf({ name: attribute, ...rest }) {
  const name = ATTRIBUTES[attribute];
  if (name === "lang") {
    const inheritedFrom = { name: "HTMLElement", package: "global:" };
    return { kind: "field", name, type: rest.type, description: LANG, attribute, reflects: true, inheritedFrom };
  }
  return { ...optional({ kind: "field", name, ...rest }), attribute };
}

function optional({ type, description, ...field }) {
  const text = type.text.includes("=>") ? `(${type.text}) | undefined` : `${type.text} | undefined`;
  let change = isMutable(field.name) ? "It may change at any time." : "It is read once, at the start.";
  if (isReadPerRequest(field.name)) change = "It may change at any time, and is read for each request.";
  return { ...field, type: { text }, description: `${description} ${change}` };
}

function staticField(name, statics) {
  const { type, description } = statics.get(name);
  return { kind: "field", name, static: true, type: { text: type }, description };
}

function oneLine(text) {
  return text.trim().replace(/\s*\n\s*/g, " ");
}

export default {
  globs: [CLASS, ...Object.keys(ENTRIES)],
  outdir: ".",
  packagejson: false,
  plugins: [published()],
};

// The types as a partner's project compiles them: with every declaration checked, and resolved as bundlers and Node do.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { command, freshFolder, NPM } from "./project.mjs";

const FIXTURES = join(import.meta.dirname, "fixtures/types");

/** The versions used for compiling: those of the package's own tests, and older types of React. */
const { devDependencies } = JSON.parse(readFileSync(join(NPM, "package.json"), "utf8"));
const REACT_TYPES = ["16.14.70", "17.0.93", "18.3.31", devDependencies["@types/react"]];

export async function checkTypes(report, tarball) {
  const names = ["bundler", "nodenext"].map((way) => [way, `types: every entry, resolved as by ${way}`]);
  if (report.wants(names.map(([, name]) => name))) {
    const folder = freshFolder("types");
    const ready = await report.prepare("types: installed", () => {
      const wrapped = ["react", "@types/react", "vue"].map((name) => `${name}@${devDependencies[name]}`);
      return install(folder, tarball, wrapped);
    });
    for (const [way, name] of ready ? names : []) await report.check(name, () => compile(folder, way));
  }
  for (const version of REACT_TYPES) {
    await report.check(`types: the tag and the component with @types/react ${version}`, async () => {
      const folder = freshFolder(`types-react-${version}`);
      await install(folder, tarball, [`@types/react@${version}`]);
      await compile(folder, "bundler", ["react.tsx"]);
    });
  }
}

async function install(folder, tarball, packages) {
  cpSync(FIXTURES, folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "fixture-types", private: true, type: "module" }));
  await command("npm", ["install", "--prefer-offline", "--loglevel=error", tarball, ...packages], { cwd: folder });
}

function compile(folder, way, files = ["page.ts", "react.tsx", "vue.ts"]) {
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable"],
    module: way === "nodenext" ? "nodenext" : "esnext",
    moduleResolution: way,
    jsx: "react-jsx",
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  return command(join(NPM, "node_modules/.bin/tsc"), ["--project", folder], { cwd: folder });
}

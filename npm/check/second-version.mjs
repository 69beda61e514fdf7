// The same package with another version, for pages that load it twice.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pack } from "./package.mjs";
import { command, freshFolder } from "./project.mjs";

const OTHER = "99.0.0";

/** Repacks the tarball as version 99 and unpacks it into `folder`. */
export async function addSecondVersion(tarball, folder) {
  const work = freshFolder("second");
  await command("tar", ["-xzf", tarball, "-C", work]);
  const manifest = join(work, "package/package.json");
  const description = JSON.parse(readFileSync(manifest, "utf8"));
  writeFileSync(manifest, JSON.stringify({ ...description, version: OTHER }));
  // The version in the code itself.
  const doctor = join(work, "package/build/doctor.js");
  const code = readFileSync(doctor, "utf8");
  if (!code.includes(description.version)) throw new Error(`${doctor} does not contain its version`);
  writeFileSync(doctor, code.replaceAll(description.version, OTHER));
  const second = await pack(freshFolder("second-packed"), join(work, "package"));
  if (!second.tarball.includes(OTHER)) throw new Error(`${second.tarball} is not version ${OTHER}`);
  await command("tar", ["-xzf", second.tarball, "-C", work, "--one-top-level=again"]);
  renameSync(join(work, "again/package"), folder);
}

/**
 * Renews the table of settings in README.md from `src/config/settings.ts`.
 *
 *     deno run --allow-read --allow-write build/settings_table.ts    writes the table
 *     deno run --allow-read build/settings_table.ts --check          ends with 1 when it is old
 */

import { withSettingsTable } from "../src/config/settings_table.ts";
import { repositoryPath } from "./paths.ts";

const path = repositoryPath("README.md");
const readme = await Deno.readTextFile(path);
const renewed = withSettingsTable(readme);
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(path, renewed);
} else if (renewed !== readme) {
  console.error("README.md: the table of settings is out of date; run build/settings_table.ts");
  Deno.exit(1);
}

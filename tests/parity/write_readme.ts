/**
 * Writes tests/parity/README.md from the rows.
 */

import { repositoryPath } from "../../build/paths.ts";
import { parityReadme } from "./readme.ts";
import { PARITY_ROWS } from "./rows.ts";

await Deno.writeTextFile(repositoryPath("tests/parity/README.md"), parityReadme(PARITY_ROWS));

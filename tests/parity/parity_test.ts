/**
 * Every row of the parity table, with the tool of Mosquitto where it is installed and has the flag,
 * and with ours.
 */

import { installedVersion, isKnownTo } from "./mosquitto_version.ts";
import { PARITY_ROWS } from "./rows.ts";
import { checkRow } from "./run_row.ts";

const version = installedVersion();

for (const row of PARITY_ROWS) {
  const both = version !== undefined && isKnownTo(version, row.since);
  const who = both
    ? row.ours === undefined
      ? `Mosquitto ${version} and ours do the same`
      : `Mosquitto ${version} and ours do as listed`
    : version === undefined
    ? "only ours: mosquitto-clients is not installed"
    : `only ours: new in Mosquitto ${row.since}, ${version} is installed`;
  const sides = both ? ["mosquitto", "ours"] as const : ["ours"] as const;
  Deno.test({
    name: `${row.tool} ${row.flag} ${row.what} (${who})`,
    // Unix sockets, and folders as they are elsewhere.
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await Promise.all(sides.map((side) => checkRow(row, side, version)));
    },
  });
}

/**
 * The parity table: all rows of all tools.
 */

import type { ParityRow } from "./row.ts";
import { CONNECTION_ROWS } from "./rows_connection.ts";
import { GENERAL_ROWS } from "./rows_general.ts";
import { FORMAT_ROWS } from "./rows_format.ts";
import { OPTIONS_FILE_ROWS } from "./rows_options_file.ts";
import { PASSWD_ROWS } from "./rows_passwd.ts";
import { PROPERTY_ROWS } from "./rows_properties.ts";
import { PUB_ROWS } from "./rows_pub.ts";
import { RR_ROWS } from "./rows_rr.ts";
import { SUB_ROWS } from "./rows_sub.ts";
import { TRANSPORT_ROWS } from "./rows_transport.ts";

export const PARITY_ROWS: readonly ParityRow[] = [
  ...CONNECTION_ROWS,
  ...TRANSPORT_ROWS,
  ...PROPERTY_ROWS,
  ...OPTIONS_FILE_ROWS,
  ...PUB_ROWS,
  ...SUB_ROWS,
  ...FORMAT_ROWS,
  ...RR_ROWS,
  ...GENERAL_ROWS,
  ...PASSWD_ROWS,
];

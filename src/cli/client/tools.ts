/**
 * The names of the client tools, for whoever must know that there are any.
 *
 * Owns no more than names and one line each: every start of the program loads this file.
 */

/** As they are typed after `broker`. */
export const CLIENT_TOOLS = ["pub", "sub", "rr"] as const;

export type ClientTool = typeof CLIENT_TOOLS[number];

const SUMMARIES: Readonly<Record<ClientTool, string>> = {
  pub: "publish messages to a broker, as mosquitto_pub does",
  sub: "subscribe to topics and print the messages, as mosquitto_sub does",
  rr: "publish a request and print its response, as mosquitto_rr does",
};

/** One line for the list of commands. */
export function clientToolSummary(tool: ClientTool): string {
  return SUMMARIES[tool];
}

/**
 * Why a load cannot be put on a broker; the message is for people.
 */

export class LoadError extends Error {
  override readonly name = "LoadError";
}

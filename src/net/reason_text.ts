/**
 * Reason strings that name what the client sent are as long as the client likes: cut here.
 */

/** UTF-16 code units; what is over says nothing more to a person. */
const LONGEST_REASON = 1000;

/** `reasonString`, cut so that it fits into any packet. */
export function cutReason(reasonString: string): string {
  if (reasonString.length <= LONGEST_REASON) return reasonString;
  return reasonString.slice(0, LONGEST_REASON) + "...";
}

// SPDX-License-Identifier: Apache-2.0

import type { Message } from "../../protocol/sync/messages.js";

/**
 * What the reader has to say of one matter. Speakers are asked in their order whenever no message of the reader waits for its answer
 * and no phone is served; each is made once, with what it needs.
 */
export interface Speaker {
	/** A session has begun: what an earlier one left unsaid or unanswered is said anew. */
	begin(): void;
	/**
	 * Its next message, with this id; `undefined` where it has nothing to say. Asked again with the same id where no answer has come,
	 * and then it says the same again, or what has become of that.
	 */
	say(id: number): Message | undefined;
	/**
	 * Takes the answer to its message: `ack` of that id, or what else a message of its kind is answered by. False where it is none: then
	 * it goes on waiting. Byte strings are views that are gone on return.
	 */
	answered(answer: Message): boolean;
}

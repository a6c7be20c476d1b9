// SPDX-License-Identifier: Apache-2.0

import type { CborMap, CborValue } from "../../../protocol/cbor/value.js";
import type { CommandName } from "../../../protocol/provisioning/messages.js";
import type { Requester } from "../../../site/lib/provisioning/client.js";
import { REPLIES } from "../../../site/lib/provisioning/replies.js";

/** A client of a reader that answers so, without the bytes between them: its replies are checked as ever. */
export function readerOf(answer: (name: CommandName, parameters: CborMap) => CborValue): Requester {
	const request = async (name: CommandName, parameters: CborMap = {}): Promise<unknown> =>
		REPLIES[name](answer(name, parameters));
	return { request: request as Requester["request"] };
}

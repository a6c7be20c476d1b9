// SPDX-License-Identifier: Apache-2.0

/**
 * EDHOC over NFC: three command-response pairs.
 *
 *   SELECT AID            → version ‖ message_1
 *   MESSAGE P1=2 message_2 → message_3
 *   MESSAGE P1=4 message_4 → (nothing)
 *
 * An EDHOC error goes out as MESSAGE P1=0. `docs/PROTOCOL.md` has the bytes.
 */
import { AID, CLA, INS_MESSAGE } from "../../../protocol/link/apdu.js";
import { VERSION } from "../../../protocol/link/version.js";
import type { ApduRequest, Breach, NfcSession } from "../scheme.js";
import { EdhocSession } from "./session.js";

export class EdhocNfc extends EdhocSession implements NfcSession {
	readonly aid = Uint8Array.from(AID);
	private selected = false;

	override open(): void {
		this.selected = false;
		super.open();
	}

	next(answer: Uint8Array): ApduRequest | Breach | undefined {
		const { transaction } = this;
		let message = answer;
		if (!this.selected) {
			this.selected = true;
			if (answer.length === 0) return { reason: "malformed", detail: "the phone's answer is empty" };
			if (answer[0] !== VERSION) return request(0, transaction.refuseVersion(answer[0]!));
			message = answer.subarray(1);
		}
		// The answer to message_4 or to our error says nothing.
		if (transaction.over) return undefined;
		const data = transaction.receive(message);
		if (data === undefined) return undefined;
		return request(transaction.reply, data, transaction.ready);
	}
}

function request(p1: 0 | 2 | 4, data: Uint8Array, ready?: number): ApduRequest {
	return { cla: CLA, ins: INS_MESSAGE, p1, p2: 0, data, le: p1 === 2, ready };
}

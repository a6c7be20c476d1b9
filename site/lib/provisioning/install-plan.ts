// SPDX-License-Identifier: Apache-2.0

import type { PlanState } from "../../../protocol/provisioning/messages.js";
import type { Requester } from "./client.js";

/** Bytes of a plan's body in one request. */
const PIECE = 1024;

export interface SignedPlan {
	readonly envelope: Uint8Array;
	readonly body: Uint8Array;
}

/** The parts of a plan's body, as `plan-write` takes them. */
export function* planPieces(body: Uint8Array): Generator<Uint8Array> {
	for (let at = 0; at < body.length; at += PIECE) yield body.subarray(at, at + PIECE);
}

/** Puts a signed plan into the reader, where authority has been proven. `onSent` is told how much of the body is there. */
export async function installPlan(
	client: Requester,
	{ envelope, body }: SignedPlan,
	onSent: (bytes: number) => void,
): Promise<PlanState> {
	await client.request("plan-begin", { envelope });
	let sent = 0;
	for (const chunk of planPieces(body)) {
		await client.request("plan-write", { chunk });
		sent += chunk.length;
		onSent(sent);
	}
	// The reader verifies and switches in small steps.
	for (;;) {
		const { more, ...state } = await client.request("plan-commit");
		if (!more) return state;
	}
}

/** Puts a signed change to the plan in force into the reader, likewise: one request. */
export function installDelta(client: Requester, envelope: Uint8Array): Promise<PlanState> {
	return client.request("plan-delta", { envelope });
}

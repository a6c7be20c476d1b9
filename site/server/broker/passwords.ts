// SPDX-License-Identifier: Apache-2.0

import { createHmac, timingSafeEqual } from "node:crypto";
import { isDoorId } from "../../../protocol/credential/names.js";
import { clientOf } from "../../../protocol/sync/topics.js";

/** What the passwords of a site's doors at its broker are made of. One is worth one door's service to who sniffs it, and no more. */
export interface BrokerSecret {
	readonly site: string;
	/** 32 random bytes of the server. */
	readonly secret: Uint8Array;
	/** Rises when the passwords are to be others; those of the epoch before it are good too, until all doors have theirs. */
	readonly epoch: number;
}

/** base64url of HMAC-SHA256 over `<site>/<door>/<epoch>`. The site's own name at an external broker is that of no door: "". */
export function brokerPassword({ site, secret }: BrokerSecret, door: string, epoch: number): string {
	return createHmac("sha256", secret).update(`${site}/${door}/${epoch}`).digest("base64url");
}

/** The door whose client this is, by name and password; `undefined` for others. No database is asked. */
export function doorOfClient(
	broker: BrokerSecret,
	user: string | undefined,
	password: Uint8Array | undefined,
): string | undefined {
	if (user === undefined || password === undefined) return undefined;
	const door = user.slice(user.lastIndexOf("/") + 1);
	if (!isDoorId(door) || user !== clientOf(broker.site, door)) return undefined;
	const good = [broker.epoch, broker.epoch - 1].some((epoch) => {
		const right = Buffer.from(brokerPassword(broker, door, epoch));
		return right.length === password.length && timingSafeEqual(right, password);
	});
	return good ? door : undefined;
}

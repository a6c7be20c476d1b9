// SPDX-License-Identifier: Apache-2.0

import { Failure } from "../../lib/files/failure.js";
import { ClientError, RequestRefused } from "../../lib/provisioning/errors.js";
import { Refused } from "../api.js";

/** Does what is done in the page itself: what it refuses is shown as the server's refusals are. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof Failure)
			throw new Refused(0, error.reason, `${sentence(error.message)} ${error.advice}`);
		if (error instanceof RequestRefused)
			throw new Refused(0, error.refusal.reason, sentence(error.refusal.message));
		if (error instanceof ClientError) throw new Refused(0, error.reason, sentence(error.message));
		if (error instanceof DOMException) throw new Refused(0, error.name, sentence(error.message));
		throw error;
	}
}

/** What a page itself refuses; its words stand with the page's reasons. */
export function wrong(reason: string): Refused {
	return new Refused(0, reason, reason);
}

function sentence(text: string): string {
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

// SPDX-License-Identifier: Apache-2.0

import type { Store } from "../store/store.js";

/** Who gets a code for scanners: everyone with a credential, or visitors alone. */
export const CODES = Object.freeze(["everyone", "visitors"] as const);

export interface PhoneSettings {
	/** Life of a credential, which a phone renews by itself, days. */
	readonly credentialDays: number;
	readonly codes: (typeof CODES)[number];
	/** Whether people get a link for a new phone by a mail to their own address. */
	readonly lostByMail: boolean;
}

const DEFAULTS: PhoneSettings = Object.freeze({ credentialDays: 30, codes: "everyone", lostByMail: true });

export async function phoneSettings({ facts }: Store): Promise<PhoneSettings> {
	return { ...DEFAULTS, ...(await facts.get("phones")) };
}

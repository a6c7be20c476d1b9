// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { EPOCH } from "../../sim/site.js";
import { World } from "../../sim/world.js";
import { signRevocation } from "../../site/lib/notice/sign.js";

export const crypto = new NodeCrypto();

/** A reader that has a plan, and the site's installer at its cable. */
export function plannedReader(): { world: World; installer: Installer } {
	const world = new World({ crypto });
	world.powerOn();
	world.settle();
	const installer = new Installer(world, crypto);
	installer.prove(world.site.keys.signing);
	installer.installPlan(1);
	return { world, installer };
}

/** The site's first revocation notice comes to the reader. */
export function takeNotice({ device, site }: World): void {
	const notice = signRevocation({ site: site.id, sequence: 1, issued: EPOCH }, [new Uint8Array(8)], {
		...{ crypto, ...site.keys.signing },
	});
	assert.isObject(device!.door!.access.plan.takeNotice(notice));
}

// SPDX-License-Identifier: Apache-2.0

/** What is done with a user on the user's own page: paused, revoked, removed, invited; who may do it. */
import { assert } from "chai";
import { axeEverywhere } from "../support/browser.js";
import { heading, notice, useUsers } from "../support/users-page.js";

describe("the page of one user", () => {
	const site = useUsers(8);

	const stored = async (name: string) =>
		(await site.ask("GET", `/api/users?search=${encodeURIComponent(name)}`)).body.users[0];

	it("lets a manager work with people whose doors are all the manager's, and shows no others", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/users");
				await notice(page, "8 users");
				await page.getByRole("link", { name: "Add user" }).click();
				await page.getByLabel("Name").fill("Gymnast");
				await page.getByLabel("pupils").check();
				assert.equal(await page.getByLabel("staff").count(), 0);
				await page.getByRole("button", { name: "Add user" }).click();
				await notice(page, "Gymnast is added.");
				const { id } = await stored("ben");
				await page.goto(`/users/${id}`);
				await page.getByText("This is about doors that are not yours.").waitFor();
			},
			{ role: "manager", doors: ["GYM"] },
		));

	it("pauses and resumes, asks before it revokes and removes, and shows where doors do not know yet", () =>
		site.signedIn(async (page) => {
			await page.goto("/users?search=ben");
			await page.getByRole("link", { name: "Ben", exact: true }).click();
			await page.getByText("Valid on 0 of 2 doors").waitFor();
			await page.getByText("Not yet on FRONT and GYM.").waitFor();
			await page.getByRole("button", { name: "Pause" }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
			assert.isUndefined((await stored("ben")).suspended);
			await page.getByRole("button", { name: "Pause" }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
			await notice(page, "Ben is paused.");
			assert.isTrue((await stored("ben")).suspended);
			await page.getByRole("button", { name: "Resume" }).click();
			await notice(page, "Ben may open again.");
			await page.getByRole("button", { name: "Revoke" }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
			await notice(page, "The credential is revoked.");
			await page.getByText("Revoked on 0 of 2 doors").waitFor();
			await page.getByRole("button", { name: "Remove" }).click();
			await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
			await notice(page, "Ben is removed.");
			await heading(page, "Users");
			assert.isUndefined(await stored("ben"));
		}));

	it("invites again, which kills the link before, and withdraws", () =>
		site.signedIn(async (page) => {
			const { id } = await stored("person 7");
			await page.goto(`/users/${id}`);
			await page.getByRole("button", { name: "Make a link to hand over" }).click();
			const dialog = page.getByRole("dialog");
			const first = await dialog.getByLabel("Link", { exact: true }).inputValue();
			await dialog.getByRole("button", { name: "Done" }).click();
			await page.getByRole("button", { name: "Send again" }).click();
			const second = await dialog.getByLabel("Link", { exact: true }).inputValue();
			assert.notEqual(first, second);
			await dialog.getByRole("button", { name: "Done" }).click();
			await page.getByRole("button", { name: "Withdraw" }).click();
			await dialog.getByRole("button", { name: "Withdraw" }).click();
			await notice(page, "The invitation is withdrawn.");
			await page.getByText("Withdrawn", { exact: true }).waitFor();
		}));

	it("lists invitations by their state, with whose they are", () =>
		site.signedIn(async (page) => {
			const { id } = await stored("person 6");
			await site.ask("POST", `/api/users/${id}/invitations`, { body: { by: "link" } });
			await page.goto("/invitations");
			await page.getByRole("link", { name: "Person 6", exact: true }).waitFor();
			await axeEverywhere(page);
			await page.getByLabel("State").selectOption("Accepted");
			await page.getByText("There are no invitations here.").waitFor();
		}));

	it("lets a viewer look and change nothing", () =>
		site.signedIn(
			async (page) => {
				await page.goto("/users?search=person%203");
				await page.getByRole("link", { name: "Person 3", exact: true }).click();
				await heading(page, "Person 3");
				await page.getByText("This user was not invited yet.").waitFor();
				assert.equal(await page.getByRole("main").getByRole("button").count(), 0);
			},
			{ role: "viewer" },
		));

	it("is accessible: list, one user, form, dialog", () =>
		site.signedIn(async (page) => {
			await page.goto("/users");
			await notice(page, "user");
			await axeEverywhere(page);
			await page.getByRole("link", { name: "Person 5", exact: true }).click();
			await page.getByText("This user was not invited yet.").waitFor();
			await axeEverywhere(page);
			await page.getByRole("button", { name: "Make a link to hand over" }).click();
			await page.getByRole("dialog").waitFor();
			await axeEverywhere(page);
			await page.getByRole("button", { name: "Done" }).click();
			await page.getByRole("link", { name: "Edit" }).click();
			await page.getByText("More options").click();
			await page.getByLabel("pupils").waitFor();
			await axeEverywhere(page);
		}));
});

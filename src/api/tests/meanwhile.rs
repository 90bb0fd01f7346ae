//! What was decided about an agent as they were read, while somebody else changes them.

use crate::{
    api::{
        agents,
        context::read,
        links,
        sessions::Signed,
        testing::{LEI, OWNER, World, code},
    },
    core::{
        error::Code,
        principal::{AgentPrincipal, Role},
    },
    sql::testing::{GivingWay, interleave, ready},
};

/// Who acts, and on whom.
struct Scene {
    world: World,
    owner: Signed,
    admin: AgentPrincipal,
    lei: AgentPrincipal,
}

impl Scene {
    fn new() -> Self {
        let world = World::seeded();
        let (owner, lei) = (world.enter(OWNER), world.enter(LEI).principal);
        let admin = AgentPrincipal { role: Role::Admin, ..owner.principal.clone() };
        Scene { world, owner, admin, lei }
    }

    /// As in the beginning, with Lei in this role.
    fn again(&self, role: Role) {
        let sql = format!(
            "DELETE FROM links; DELETE FROM audit_log; \
             UPDATE agents SET role = '{}', state = 'active', generation = 1 WHERE email = '{}'",
            role.name(),
            LEI.0
        );
        self.world.database.sql.connection.execute_batch(&sql).unwrap();
    }

    fn place(&self, action: &str) -> Option<usize> {
        self.world.audit(&self.owner).iter().position(|it| it == action)
    }
}

const MORE: &str = r#"{"role":"owner"}"#;

#[test]
fn an_admin_s_link_makes_nobody_an_owner() {
    let scene = Scene::new();
    let Scene { world, owner, admin, lei } = &scene;
    let mut refused = 0;
    for schedule in 0_u32..64 {
        scene.again(Role::Agent);
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let more = read(MORE).unwrap();
        let (reset, changed) = interleave(
            agents::reset(&first, admin, &lei.agent),
            agents::change(&second, &owner.principal, &lei.agent, &more),
            |step| schedule >> (step % 6) & 1 == 1,
        );
        assert!(changed.is_ok(), "schedule {schedule}");
        assert_eq!(world.count("SELECT COUNT(*) AS n FROM links"), 0, "schedule {schedule}");
        match code(reset) {
            Ok(link) => {
                let look = read(&format!(r#"{{"token":"{}"}}"#, link.link.split('#').nth(1).unwrap())).unwrap();
                assert_eq!(code(ready(links::look(&world.cx(), &look))).err(), Some(Code::NotFound));
                assert!(scene.place("link_made") < scene.place("agent_role_changed"), "schedule {schedule}");
            }
            Err(why) => {
                refused += u32::from(why == Code::Conflict);
                assert_eq!(scene.place("link_made"), None, "schedule {schedule}: {why:?}");
            }
        }
    }
    assert!(refused > 0);
}

#[test]
fn an_admin_disables_no_owner() {
    let scene = Scene::new();
    let Scene { world, owner, admin, lei } = &scene;
    let mut refused = 0;
    for schedule in 0_u32..64 {
        scene.again(Role::Agent);
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let more = read(MORE).unwrap();
        let (disabled, changed) = interleave(
            agents::disable(&first, admin, &lei.agent),
            agents::change(&second, &owner.principal, &lei.agent, &more),
            |step| schedule >> (step % 6) & 1 == 1,
        );
        let (out, promoted) = (scene.place("agent_disabled"), scene.place("agent_role_changed"));
        assert_eq!((disabled.is_ok(), changed.is_ok()), (out.is_some(), promoted.is_some()), "schedule {schedule}");
        assert!(out.is_none() || promoted.is_none() || out < promoted, "schedule {schedule}");
        refused += u32::from(code(disabled).err() == Some(Code::Conflict));
    }
    assert!(refused > 0);
}

/// An owner makes an agent an admin, and another has made them an owner: that is less, and ends what was opened with more.
#[test]
fn what_is_more_for_who_was_read_is_not_less_for_who_they_are() {
    let scene = Scene::new();
    let Scene { world, owner, lei, .. } = &scene;
    for schedule in 0_u32..64 {
        scene.again(Role::Agent);
        let turns = GivingWay(&world.database);
        let (first, second) = (world.cx_over(&turns), world.cx_over(&turns));
        let (more, some) = (read(MORE).unwrap(), read(r#"{"role":"admin"}"#).unwrap());
        let (one, two) = interleave(
            agents::change(&first, &owner.principal, &lei.agent, &some),
            agents::change(&second, &owner.principal, &lei.agent, &more),
            |step| schedule >> (step % 6) & 1 == 1,
        );
        assert!(one.is_ok() || two.is_ok(), "schedule {schedule}");
        let is_less = two.is_ok() && one.as_ref().is_ok_and(|it| it.revoke.is_some());
        let is_admin = world.count("SELECT role = 'admin' AS n FROM agents WHERE email = 'lei@shop.example'") == 1;
        assert_eq!(is_less, two.is_ok() && is_admin, "schedule {schedule}");
    }
}

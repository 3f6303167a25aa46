import type { Schema } from '@/api'

/** Every kind of event, for the filter; a kind missing here is a compile error. */
const ALL: Record<Schema<'AuditKind'>, true> = {
  login_succeeded: true, login_failed: true, logged_out: true, logged_out_everywhere: true, sessions_ended: true,
  session_refreshed_twice: true, registered: true, password_changed: true, password_reset_requested: true, password_reset: true,
  password_reset_by_staff: true, user_created: true, user_changed: true, user_deactivated: true, user_reactivated: true,
  user_deleted: true, role_changed: true, invitation_created: true, invitation_used: true, invitation_revoked: true,
  password_change_failed: true, organization_changed: true, organization_joined: true,
}
export const AUDIT_KINDS = Object.keys(ALL) as Schema<'AuditKind'>[]

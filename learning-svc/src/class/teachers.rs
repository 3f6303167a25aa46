//! Who teaches a class.

use kit::{caller::Caller, db::DbError};
use proto::auth::v1::Role;
use uuid::Uuid;

use super::{Class, ClassError, Classes, Teacher};
use crate::{access, store::classes};

impl Classes {
    /// Makes a teacher of the organization an assistant; doing it twice is no error.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not head the class, or nobody of that id teaches there.
    pub async fn add_assistant(
        &self,
        caller: &Caller,
        class: Uuid,
        teacher: Uuid,
    ) -> Result<Class, ClassError> {
        {
            let db = self.pool.get().await.map_err(DbError::from)?;
            access::head_of(&db, caller, class).await?;
        }
        let teacher = self.teacher("teacher_id", teacher).await?;
        self.change(caller, class, async |tx, class, now| {
            if class.head_teacher_id != teacher.id {
                classes::add_assistant(tx, class.id, &teacher, now).await?;
            }
            Ok(())
        })
        .await
    }

    /// Ends somebody's being an assistant; nothing happens when they are none.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not head the class.
    pub async fn remove_assistant(
        &self,
        caller: &Caller,
        class: Uuid,
        teacher: Uuid,
    ) -> Result<Class, ClassError> {
        self.change(caller, class, async |tx, class, _| {
            Ok(classes::remove_assistant(tx, class.id, teacher).await?)
        })
        .await
    }

    /// Returns an active teacher of the caller's organization; `field` named them.
    pub(super) async fn teacher(
        &self,
        field: &'static str,
        id: Uuid,
    ) -> Result<Teacher, ClassError> {
        let found = self.auth.names(&[id]).await?;
        let found = found.into_iter().find(|user| {
            user.id == id.to_string() && user.is_active && user.role() == Role::Teacher
        });
        let user = found.ok_or(ClassError::NoTeacher(field))?;
        Ok(Teacher { id, full_name: user.full_name })
    }
}

//! Making, finding and changing classes.

use chrono::{DateTime, Utc};
use kit::{
    caller::{Caller, Role},
    db::{DbError, Transaction},
    error::{Checks, Invalid},
    idempotency::{self, Claimed, Operation},
    page::Page,
};
use uuid::Uuid;

use super::{Class, ClassChanges, ClassError, ClassStatus, Classes, NewClass, join_code};
use crate::{
    access::{self, AccessError},
    store::{classes, enrollments},
};

/// Random codes that are tried before giving up; a second one is hardly ever needed.
const CODE_TRIES: u32 = 5;

impl Classes {
    /// Creates a class headed by the caller; once for each idempotency key.
    ///
    /// # Errors
    ///
    /// Fails for students, and when a field is wrong.
    pub async fn create(
        &self,
        caller: &Caller,
        operation: &Operation,
        new: NewClass,
    ) -> Result<Class, ClassError> {
        if caller.role == Role::Student {
            return Err(AccessError::TeachersOnly.into());
        }
        let fields = ClassChanges::from(new);
        fields.check()?;
        let head = self.auth.name_of(caller.user_id).await?;
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        let id = match idempotency::claim(&tx, operation, self.clock.new_id(), now).await? {
            Claimed::New(id) => id,
            Claimed::Repeated(id) => {
                access::teacher_of(&tx, caller, id).await?;
                return Ok(classes::find(&tx, id).await?.ok_or(AccessError::NoClass(id))?);
            }
        };
        let mut class = Class {
            id,
            organization_id: caller.organization_id,
            name: String::new(),
            description: String::new(),
            grade: String::new(),
            semester: String::new(),
            status: ClassStatus::Active,
            head_teacher_id: caller.user_id,
            head_teacher_name: head.full_name,
            assistants: Vec::new(),
            max_students: 0,
            active_students: 0,
            join_code: free_code(&tx).await?,
            created_at: now,
            updated_at: now,
            archived_at: None,
        };
        fields.apply(&mut class);
        classes::insert(&tx, &class).await?;
        tx.commit().await.map_err(DbError::from)?;
        tracing::info!(class.id = %id, "class created");
        Ok(class)
    }

    /// Returns one class; students do not see its join code.
    ///
    /// # Errors
    ///
    /// Fails when the class does not exist for the caller.
    pub async fn get(&self, caller: &Caller, id: Uuid) -> Result<Class, ClassError> {
        let db = self.pool.get().await.map_err(DbError::from)?;
        let standing = access::class(&db, caller, id).await?;
        let mut class = classes::find(&db, id).await?.ok_or(AccessError::NoClass(id))?;
        if !standing.teaches() {
            class.join_code.clear();
        }
        Ok(class)
    }

    /// Returns a page of the caller's classes, the latest first; `query` is part of name, grade,
    /// semester or head teacher.
    ///
    /// # Errors
    ///
    /// Fails when the filter makes no sense.
    pub async fn list(
        &self,
        caller: &Caller,
        status: ClassStatus,
        query: &str,
        page: &Page<Uuid>,
    ) -> Result<Vec<Class>, ClassError> {
        let mut checks = Checks::new();
        checks.text("query", query, 0..=100);
        checks.finish()?;
        let db = self.pool.get().await.map_err(DbError::from)?;
        let mut list = classes::page(&db, caller, status, query, page).await?;
        if caller.role == Role::Student {
            for class in &mut list {
                class.join_code.clear();
            }
        }
        Ok(list)
    }

    /// Changes fields, perhaps also who heads the class.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not head the class, or a field is wrong.
    pub async fn update(
        &self,
        caller: &Caller,
        id: Uuid,
        changes: ClassChanges,
    ) -> Result<Class, ClassError> {
        {
            let db = self.pool.get().await.map_err(DbError::from)?;
            access::head_of(&db, caller, id).await?;
        }
        changes.check()?;
        let head = match changes.head_teacher_id {
            Some(head) => Some(self.teacher("head_teacher_id", head).await?),
            None => None,
        };
        self.change(caller, id, async |tx, class, _| {
            if let Some(head) = head {
                classes::remove_assistant(tx, class.id, head.id).await?;
                class.head_teacher_id = head.id;
                class.head_teacher_name = head.full_name;
            }
            changes.apply(class);
            let active = enrollments::active(tx, class.id).await?;
            if class.max_students < active {
                let detail = format!("is less than the {active} students of the class");
                return Err(Invalid::one("max_students", "OUT_OF_RANGE", detail).into());
            }
            Ok(())
        })
        .await
    }

    /// Takes a class out of the lists; doing it twice is no error.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not head the class.
    pub async fn archive(&self, caller: &Caller, id: Uuid) -> Result<Class, ClassError> {
        self.change(caller, id, async |_, class, now| {
            class.status = ClassStatus::Archived;
            class.archived_at = class.archived_at.or(Some(now));
            Ok(())
        })
        .await
    }

    /// Puts a class back into the lists; doing it twice is no error.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not head the class.
    pub async fn restore(&self, caller: &Caller, id: Uuid) -> Result<Class, ClassError> {
        self.change(caller, id, async |_, class, _| {
            class.status = ClassStatus::Active;
            class.archived_at = None;
            Ok(())
        })
        .await
    }

    /// Replaces the join code, once for each idempotency key; the old one stops working.
    ///
    /// # Errors
    ///
    /// Fails when the caller does not head the class.
    pub async fn renew_join_code(
        &self,
        caller: &Caller,
        operation: &Operation,
        id: Uuid,
    ) -> Result<Class, ClassError> {
        self.change(caller, id, async |tx, class, now| {
            match idempotency::claim(tx, operation, id, now).await? {
                Claimed::New(_) => class.join_code = free_code(tx).await?,
                // The code that the first call made may be on the board by now.
                Claimed::Repeated(_) => {}
            }
            Ok(())
        })
        .await
    }

    /// Lets the head teacher change a class that nobody else changes meanwhile.
    pub(super) async fn change(
        &self,
        caller: &Caller,
        id: Uuid,
        change: impl AsyncFnOnce(&Transaction<'_>, &mut Class, DateTime<Utc>) -> Result<(), ClassError>,
    ) -> Result<Class, ClassError> {
        let now = self.clock.now();
        let mut db = self.pool.get().await.map_err(DbError::from)?;
        let tx = db.transaction().await.map_err(DbError::from)?;
        access::head_of(&tx, caller, id).await?;
        classes::lock(&tx, id).await?;
        let before = classes::find(&tx, id).await?.ok_or(AccessError::NoClass(id))?;
        let mut class = before.clone();
        change(&tx, &mut class, now).await?;
        if class != before {
            class.updated_at = now;
            classes::update(&tx, &class).await?;
        }
        // Assistants may have changed too.
        let class = classes::find(&tx, id).await?.ok_or(AccessError::NoClass(id))?;
        tx.commit().await.map_err(DbError::from)?;
        Ok(class)
    }
}

/// Makes a join code that no class has. The constraint of the table catches a race.
async fn free_code(tx: &Transaction<'_>) -> Result<String, ClassError> {
    let mut code = join_code::generate();
    for _ in 0..CODE_TRIES {
        if classes::by_join_code(tx, &code).await?.is_none() {
            break;
        }
        code = join_code::generate();
    }
    Ok(code)
}
